"""What does good look like?

`standards.yml` holds the practice standard of each domain in words for
practitioners, with an example of it done well. It tells nobody how often the
standard is met: the audits do.
"""

from __future__ import annotations

from pydantic import Field

from qa_lib.settings.yaml import Settings


class Standard(Settings):
    """One domain's practice standard: what good looks like, and what it looks like in a case that was done well."""

    good: str = Field(min_length=1, max_length=400)
    example: str = Field("", max_length=400)
    try_this: str = Field("", max_length=400)


class Standards(Settings):
    """The practice standards by domain, under the keys that the framework has for them."""

    version: str
    domains: dict[str, Standard] = Field(min_length=1)
