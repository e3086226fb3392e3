"""What does a new form need?

A form of the council's own needs its headings mapped to our columns. A themed
audit needs the form itself, which is made of its tool; what comes back in it
needs no map.
"""

from __future__ import annotations

from pathlib import Path

from qa_lib.intake.mapping import propose_map
from qa_lib.report.audit_form import render_form
from qa_lib.settings.framework import Framework
from qa_lib.settings.kinds import KINDS
from qa_lib.settings.tool import AuditTool
from qa_lib.settings.yaml import read_settings, shown

EXAMPLE = Path(__file__).parents[2] / "params" / "example" / "framework.yml"
READ = "Read each line, then paste"


def propose(extract: Path, framework: str | None, kind: str, tool: str | None) -> str:
    """Lines that would make sense of an extract: for framework.yml; those of a themed audit's columns for its tool.

    Raises
    ------
    QAError : exit code 2, the framework or the tool has faults; 3, the extract cannot be read or has no headings.
    """
    given = Path(framework or EXAMPLE)
    decided = read_settings(given, Framework)
    if tool is None:
        opening = f"# Proposed for {kind}, by {shown(given)}. {READ} it into your framework.yml."
        return propose_map(extract, KINDS[kind], decided, opening)
    asked = read_settings(Path(tool), AuditTool)
    home = shown(Path(tool))
    opening = f"# Proposed for {home}. {READ} columns: into that file, and spellings: into your framework.yml."
    return propose_map(extract, asked.kind("themed"), decided, opening)


def write_form(tool: str, framework: str | None, path: Path) -> None:
    """Write the form of a themed audit; the grades and services that it offers are those of the framework.

    Raises
    ------
    QAError : exit code 2; the tool or the framework has faults, or the file cannot be the form.
    """
    render_form(read_settings(Path(tool), AuditTool), read_settings(Path(framework or EXAMPLE), Framework), path)
