"""How many audits are enough?

Questions to ask before a sample is drawn: how far may its share lie from that
of all cases, how many audits bring it near enough, and how easily does a rare
fault escape it? They take a simple random sample. The number of cases hardly
matters until the audits are a good part of them.
"""

from __future__ import annotations

import math
from statistics import NormalDist


def precision(n: int, population: int | None = None, share: float = 0.5, level: float = 0.95) -> float:
    """Half the width (0 to 1) of the interval that a simple random sample of `n` audits will give; NaN for none.

    `population` is the number of cases they are drawn from, None for one
    without end; `share` is what the share is thought to be, 0.5 the worst case.

    Raises
    ------
    ValueError : `share` not between 0 and 1, or more audits than cases.

    Source: Cochran (1977), ch. 3: sqrt(p q / n), with the correction (N - n) / (N - 1).

    Example
    -------
    >>> round(precision(50, 3000), 3)
    0.137
    """
    _check_plan(n, population, share)
    if n == 0:
        return math.nan
    left = 1.0 if population is None else (population - n) / max(population - 1, 1)
    return _z(level) * math.sqrt(share * (1 - share) / n * left)


def sample_size(margin: float, population: int | None = None, share: float = 0.5, level: float = 0.95) -> int:
    """The fewest audits whose `precision` is `margin` (between 0 and 1) or better; the rest is as for `precision`.

    Source: Cochran (1977), ch. 4. The table of Krejcie and Morgan (1970), Educational and Psychological
    Measurement 30:607-610, is the same formula, rounded to the nearest audit.

    >>> sample_size(0.1, 3000)
    94
    """
    _check_plan(0, population, share)
    if not 0 < margin < 1:
        raise ValueError(f"a margin lies between 0 and 1, not {margin}")
    size = (_z(level) / margin) ** 2 * share * (1 - share)
    if population is not None:
        size *= population / (population + size - 1)
    return math.ceil(size - 1e-9)


def chance_of_missing(n: int, population: int, share: float) -> float:
    """The chance (0 to 1) that `n` audits, of different cases, meet no case of a fault.

    `share` is that of the population's cases with the fault, taken to the
    nearest whole case. A `ValueError` is raised as for `precision`.

    >>> round(chance_of_missing(50, 3000, 0.01), 2)
    0.6
    """
    _check_plan(n, population, share)
    sound = population - round(share * population)
    return math.comb(sound, n) / math.comb(population, n)


def _check_plan(n: int, population: int | None, share: float) -> None:
    if not 0 < share < 1:
        raise ValueError(f"a share to plan for lies between 0 and 1, not {share}")
    if not 0 <= n <= (math.inf if population is None else population):
        raise ValueError(f"{n} audits cannot be drawn from {population} cases")


def _z(level: float) -> float:
    return NormalDist().inv_cdf((1 + level) / 2)
