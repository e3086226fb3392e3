"""The cases of an oracle file, each named by its id."""

import json
from pathlib import Path

import pytest

ORACLES = Path(__file__).parent / "data" / "oracles"
IN_PLACE = Path(__file__).parents[2] / "shared" / "oracles"


def cases(name, in_place=None):
    """Those of our copy; and the one `in_place`, whose data are not ours to copy, where the whole file is at hand."""
    found = json.loads((ORACLES / name).read_text(encoding="utf-8"))["cases"]
    params = [pytest.param(case, id=case["id"]) for case in found]
    if in_place and (IN_PLACE / name).exists():
        every = json.loads((IN_PLACE / name).read_text(encoding="utf-8"))["cases"]
        params += [pytest.param(case, id=case["id"]) for case in every if case["id"] == in_place]
    elif in_place:
        params.append(pytest.param(None, id=in_place, marks=pytest.mark.skip(reason="its data are not ours to copy")))
    return params
