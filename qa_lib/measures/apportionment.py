"""How many of each?

A number of cases is parted over services in proportion to their size. The
shares are hardly ever whole. The method of the largest remainder (Hamilton's)
rounds all of them down and gives what is left, one each, to those that lost
most. It is counted in whole numbers, as fractions of a computer's kind break
ties by accident: 620 and 1,100 of 3,000 cases, parted by 50, both leave a third.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Counts = Sequence[int] | Mapping[Key, int]


def allocate(total: int, sizes: Counts[Key], minimum: int = 0, most: Counts[Key] | None = None) -> list[int]:
    """So many of each stratum, in proportion to its size, by the largest remainder and exactly.

    The `minimum` goes to each stratum first, and the rest is parted in proportion to the sizes. A stratum that its
    share would overfill is filled, and the others part what it leaves anew. Ties of remainders go to the larger
    stratum, and among equal ones to the earlier. Without `minimum` and `most`, each number is the exact quota
    (total × size / all sizes) rounded down or up.

    Parameters
    ----------
    total : how many in all
    sizes : cases of each stratum, in order, or by name
    minimum : of each stratum, or all of it where it has fewer; an empty stratum gets none
    most : the most that a stratum can give, where that is fewer than its cases (families, where siblings are not drawn
        together); None: all of its cases. In the shape of `sizes`

    Returns
    -------
    list of whole numbers, one a stratum in the order of `sizes`: 0 <= number <= the most it can give. Their sum is
    `total`, or all that the strata can give where that is fewer (a census: every stratum is taken whole).

    Raises
    ------
    ValueError : a negative number; `most` not of the strata of `sizes`; `total` too small for the minimum of each.

    Source: Balinski and Young (1982), Fair Representation: the method of Hamilton.

    Example
    -------
    >>> allocate(50, [620, 1100, 480, 310, 250, 240])
    [10, 19, 8, 5, 4, 4]
    >>> allocate(50, {"Duty": 700, "Children in Care": 1500, "Fostering": 25}, minimum=2)
    [16, 32, 2]
    """
    cases, rooms = _cases_and_rooms(sizes, most)
    if min(total, minimum, *cases, *rooms) < 0:
        raise ValueError("a total, a minimum, a size and a most are 0 or more")
    given = [min(minimum, room) for room in rooms]
    if sum(given) > total:
        raise ValueError(f"a minimum of {minimum} of each stratum needs {sum(given)} cases, not {total}")
    open_to = [at for at, room in enumerate(rooms) if room > given[at]]
    while True:
        rest, of = total - sum(given), sum(cases[at] for at in open_to)
        quotas = {at: divmod(rest * cases[at], of) for at in open_to}
        filled = [at for at in open_to if quotas[at][0] >= rooms[at] - given[at]]
        if not filled:
            break
        for at in filled:
            given[at] = rooms[at]
        open_to = [at for at in open_to if at not in filled]
    for at, (whole, _) in quotas.items():
        given[at] += whole
    by_remainder = sorted(quotas, key=lambda at: (-quotas[at][1], -cases[at], at))
    for at in by_remainder[: total - sum(given)]:
        given[at] += 1
    return given


def _cases_and_rooms(sizes: Counts[Key], most: Counts[Key] | None) -> tuple[list[int], list[int]]:
    """Of each stratum, in order: its cases, and how many it can give."""
    cases = list(sizes.values()) if isinstance(sizes, Mapping) else list(sizes)
    limits = cases
    if isinstance(sizes, Mapping) and isinstance(most, Mapping) and set(most) == set(sizes):
        limits = [most[stratum] for stratum in sizes]
    elif most is not None:
        if isinstance(sizes, Mapping) or isinstance(most, Mapping) or len(most) != len(sizes):
            raise ValueError("`most` has the strata of `sizes`")
        limits = list(most)
    return [int(size) for size in cases], [int(min(pair)) for pair in zip(cases, limits, strict=True)]
