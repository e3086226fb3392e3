"""How chance is used, so that shares come out as the truth states them.

Three small tools. A whole number is parted by weights without a remainder (`parts`); even chances are dealt
so that every quarter gets its due share of each rare answer, instead of none in one quarter and many in the
next (`even`); and a chance is turned into a word by stated shares (`words_at`). Everything else draws plain
uniform or normal numbers.

Each takes the generator that it draws from: the same generator in the same state gives the same answer on any
machine.
"""

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

NORMAL = NormalDist()


def parts(total: int, weights: list[float]) -> list[int]:
    """`total` parted by `weights` into whole numbers: one each first, then by largest remainder.

    Ties go to the earlier part. `total` must be at least the number of parts.

    >>> parts(10, [1, 1, 2])
    [3, 3, 4]
    """
    rest = total - len(weights)
    if rest < 0:
        raise ValueError(f"{total} cannot be parted into {len(weights)} parts of at least 1.")
    due = [rest * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in due]
    by_remainder = sorted(range(len(due)), key=lambda i: (round(whole[i] - due[i], 9), i))
    for i in by_remainder[: rest - sum(whole)]:
        whole[i] += 1
    return [1 + n for n in whole]


def even(rng: np.random.Generator, blocks: NDArray[np.int64]) -> NDArray[np.float64]:
    """One number from 0 to 1 for each row, uniform by itself and evenly spread within each block.

    `blocks` names the block of each row by a number. In a block of n rows exactly one number falls in each
    nth part of the line, in random order; so the count below any share p is n * p to within 1, whatever the
    luck, and each row's own chance of falling below p is still p.

    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> int((even(rng, np.zeros(100, dtype=np.int64)) < 0.07).sum())
    7
    """
    shuffled = np.lexsort((rng.random(len(blocks)), blocks))  # block by block, in random order within each
    starts = np.searchsorted(blocks[shuffled], blocks[shuffled])
    sizes = np.bincount(blocks)[blocks[shuffled]]
    spread = np.empty(len(blocks))
    spread[shuffled] = (np.arange(len(blocks)) - starts + rng.random(len(blocks))) / sizes
    return spread


def words_at(shares: Mapping[str, float], chances: NDArray[np.float64]) -> NDArray[np.str_]:
    """The word that each chance falls on when the words of `shares` are laid end to end from 0 to 1.

    >>> words_at({"Yes": 0.4, "No": 0.6}, np.array([0.39, 0.41])).tolist()
    ['Yes', 'No']
    """
    ends = np.cumsum(list(shares.values()))[:-1]
    return np.array(list(shares))[np.searchsorted(ends, chances, side="right")]


def below(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each share, the point of the normal scale that this share lies below; 0 and 1 are its ends.

    >>> below(np.array([0.0, 0.5, 0.975])).round(2).tolist()
    [-inf, 0.0, 1.96]
    """
    ends = {0.0: -np.inf, 1.0: np.inf}
    flat = [ends[share] if share in ends else NORMAL.inv_cdf(share) for share in shares.ravel().tolist()]
    return np.array(flat).reshape(shares.shape)
