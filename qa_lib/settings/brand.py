"""How does the council look?

A council may print its reports in its own colour with its own logo. A colour
that some readers could not see against white is refused: text needs a contrast
of 4.5 to 1, graphics 3 to 1 (WCAG 2.2, success criteria 1.4.3 and 1.4.11).
"""

from __future__ import annotations

import base64
from pathlib import Path

from pydantic import Field, model_validator

from qa_lib.problems import Problem
from qa_lib.settings.yaml import Settings, shown

TEXT_CONTRAST, GRAPHICS_CONTRAST = 4.5, 3.0
MOST_LOGO = 200_000
COLOUR = r"^#[0-9A-Fa-f]{6}$"


class Brand(Settings):
    """The council's look: `colour` of headings and rules, `chart_colour` of marks in charts, a PNG logo.

    `logo` is a file beside framework.yml; `logo_alt` says what it shows, for those who cannot see it.
    """

    colour: str = Field("#12436D", pattern=COLOUR)
    chart_colour: str = Field("#12436D", pattern=COLOUR)
    logo: str = ""
    logo_alt: str = ""

    @model_validator(mode="after")
    def _can_be_seen(self) -> Brand:
        faults = []
        for key, least in (("colour", TEXT_CONTRAST), ("chart_colour", GRAPHICS_CONTRAST)):
            ratio = contrast_with_white(getattr(self, key))
            if ratio < least:
                faults.append(
                    f"{key}: its contrast with white is {ratio:.1f} to 1; it needs {least} to 1. Take a darker one"
                )
        if bool(self.logo) != bool(self.logo_alt.strip()):
            faults.append("logo_alt: a logo needs the words that say what it shows, and only a logo does")
        if faults:
            raise ValueError("\n".join(faults))
        return self


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of a colour such as "#12436D" with white, from 1 to 21.

    Source: WCAG 2.2, definitions of relative luminance and contrast ratio.

    >>> round(contrast_with_white("#000000"), 1), round(contrast_with_white("#28A197"), 1)
    (21.0, 3.2)
    """
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def read_logo(framework: Path, brand: Brand) -> tuple[str, list[Problem]]:
    """The logo as base64 ("" if there is none), and what is wrong with its file."""
    if not brand.logo:
        return "", []
    path, name = framework.parent / brand.logo, shown(framework)
    fix = "Save it as a PNG of 200 KB or less beside the framework."
    if not path.is_file():
        return "", [Problem("logo", f"brand.logo: there is no file {path.name}.", fix, file=name)]
    raw = path.read_bytes()
    if not raw.startswith(b"\x89PNG\r\n\x1a\n") or len(raw) > MOST_LOGO:
        return "", [Problem("logo", "brand.logo: it is no PNG, or too large.", fix, file=name)]
    return base64.b64encode(raw).decode(), []
