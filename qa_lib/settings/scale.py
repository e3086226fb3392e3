"""What is the grading scale?

Grades are ordinal: they have an order and no distances, so nothing here turns
a grade into a number to be averaged. Three kinds of answer are kept apart: a
grade on the scale, a grade off it ("Not applicable"), and none ("Not
recorded"). Only the first enters a share; the other two are always counted.
"""

from __future__ import annotations

from pydantic import model_validator

from qa_lib.settings.yaml import Settings

NOT_RECORDED = "Not recorded"
"""What a blank grade is called; a council's own scale may not use these words."""


class GradeScale(Settings):
    """The council's grades, best first.

    `lowest_good` and the labels before it count as good or better; `off_scale`
    labels leave shares and are counted apart.

    >>> scale = GradeScale(labels=("Good", "Inadequate"), lowest_good="Good")
    >>> scale.good_or_better, scale.below_good
    (('Good',), ('Inadequate',))
    """

    labels: tuple[str, ...]
    lowest_good: str
    off_scale: tuple[str, ...] = ("Not applicable",)

    @model_validator(mode="after")
    def _is_a_scale(self) -> GradeScale:
        words = [label.casefold() for label in (*self.labels, *self.off_scale, NOT_RECORDED)]
        if len(self.labels) < 2:
            raise ValueError("a scale needs two labels or more, best first")
        if len(set(words)) < len(words):
            raise ValueError(f'labels must differ from each other and from "{NOT_RECORDED}"')
        if self.lowest_good not in self.labels[:-1]:
            raise ValueError("lowest_good must be one of the labels, and not the last")
        return self

    @property
    def good_or_better(self) -> tuple[str, ...]:
        """The grades that count as good, best first."""
        return self.labels[: self.labels.index(self.lowest_good) + 1]

    @property
    def below_good(self) -> tuple[str, ...]:
        """The other grades on the scale, best first."""
        return self.labels[self.labels.index(self.lowest_good) + 1 :]

    @property
    def goal(self) -> str:
        """What counts as good, in words: "good or better", or the label itself where it is the best.

        >>> GradeScale(labels=("Met", "Not met"), lowest_good="Met").goal
        '"Met"'
        """
        words = "good" if self.lowest_good.casefold() == "good" else f'"{self.lowest_good}"'
        return words if self.lowest_good == self.labels[0] else f"{words} or better"

    @property
    def allowed(self) -> tuple[str, ...]:
        """Every word that a grade cell may hold, best first, those off the scale last."""
        return (*self.labels, *self.off_scale)
