"""Which rows came in, and how many of them count?

Rows read, counted and left out, a row a file and one for all. A file goes by an
alias, as its name may name a person. A report counts audits; a draw is made of
the case list, and reads the auditor list and the registers beside it.
"""

from __future__ import annotations

import pandas as pd

from qa_lib.intake.extracts import Extracts
from qa_lib.measures.shares import MEASURES
from qa_lib.report.publishable import About

OF_A_REPORT = {"audits": "audits", "themed": "audits", "earlier": "earlier"}
OF_A_DRAW = {"caseload": "case list", "auditors": "auditors", "allocation": "register", "audits": "audits"}
"""The kinds of extract that are told, each with the word of its aliases ("audits-1")."""


def received(extracts: Extracts, is_draw: bool) -> tuple[pd.DataFrame, About]:
    """Rows counted of rows read, a row a file and one for all; what the table is about."""
    words = OF_A_DRAW if is_draw else OF_A_REPORT
    files = {
        f"{word}-{number}": file
        for kind, word in words.items()
        for number, file in enumerate(extracts.of_kind(kind), start=1)
    }
    rows = [(alias, file.rows_read, sum(file.rows_left_out.values())) for alias, file in files.items()]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    reasons = sorted({reason for file in files.values() for reason in file.rows_left_out})
    table = pd.DataFrame(rows, columns=["group", "of", "left_out"])
    table["n"] = table["of"] - table["left_out"]
    table = table.assign(share=float("nan"), low=float("nan"), high=float("nan"))
    title = "Rows of the extracts: read, counted, left out" + (f" ({', '.join(reasons)})" if reasons else "")
    labels = {**{alias: alias for alias, *_ in rows}, "all": "All files"}
    about = About(title, "rows", "File", "Counted", "Read", "Left out", labels=labels, linked="file", has_share=False)
    return table[["group", *MEASURES]], about
