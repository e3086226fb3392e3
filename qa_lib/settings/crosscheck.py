"""Do the settings files know each other's names?

A params file names services, themes, grades and domains, and practice standards
name domains. What they name must stand in the framework or the codebook.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qa_lib.problems import Problem, did_you_mean, list_of
from qa_lib.settings.asked import ParamsFile
from qa_lib.settings.framework import NOT_RECORDED_SERVICE
from qa_lib.settings.scale import NOT_RECORDED
from qa_lib.settings.yaml import shown


def unknown_names(path: Path, asked: ParamsFile, beside: Mapping[str, Any]) -> list[Problem]:
    """Names in a params file or in practice standards that framework or codebook do not know; `beside` holds these."""
    framework, codebook, standards = beside["framework"], beside["codebook"], beside["standards"]
    domains = tuple(framework.domains)
    known: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = [
        (shown(path), "where.service", asked.where.service or (), (*framework.services, NOT_RECORDED_SERVICE)),
        (shown(path), "where.theme", asked.where.theme or (), tuple(codebook.themes)),
        (shown(path), "where.grade", asked.where.grade or (), (*framework.scale.allowed, NOT_RECORDED)),
        (shown(path), "last_one_thing", (asked.last_one_thing,) if asked.last_one_thing else (), domains),
        (shown(path), "where.category", asked.where.category or (), tuple(framework.categories)),
        (shown(path), "last_workshop", asked.last_workshop or (), domains),
        (asked.standards or "", "domains", tuple(standards.domains) if standards else (), domains),
    ]
    problems = []
    if asked.draw and not (asked.draw.cases or asked.draw.take_all or framework.programme):
        fix = "Say `cases: 50` there, or `take_all: true`, or give the framework its programme."
        problems.append(Problem("no_cases", "draw: it does not say how many cases to draw.", fix, file=shown(path)))
    for key in sorted({*codebook.themes} & {*framework.activity_words}):
        fix = "Rename one of them; figures are named by both."
        message = f'themes: "{key}" is the key of an activity of the framework as well.'
        problems.append(Problem("same_key", message, fix, file=asked.codebook))
    for file, key, names, allowed in known:
        for name in names:
            if name not in allowed:
                meant = did_you_mean(name, sorted(allowed), within=3)
                fix = f'Did you mean "{meant}"?' if meant else f"There is {list_of(allowed)}."
                problems.append(Problem("unknown_name", f'{key}: "{name}" is not known.', fix, file=file))
    return problems
