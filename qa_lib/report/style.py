"""Which colours, which letters?

The palette is that of the government Analysis Function's guide: dark tones
that keep a contrast of 3:1 against white for every mark; text is near-black,
10 points or more. Grades run along one ramp from dark to light, and each part
carries its own label, so that a grey print says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, GREY = "#1a1a1a", "#595959"
TONES = ("#12436D", "#2073BC", "#801650", "#3D3D3D")
MARKERS = ("o", "s", "D", "^")
RAMP = [("#12436D", "white"), ("#2073BC", "white"), ("#6BACE6", INK), ("#D6E7F7", INK)]
"""Fill and ink of the grades, best first."""

FONTS = Path(__file__).with_name("assets") / "fonts"
FAMILY = "QA Sans"


@contextmanager
def drawing(width: float, height: float) -> Iterator[tuple[Figure, Axes]]:
    """A figure of `width` by `height` inches with one clean pair of axes; closed at the end."""
    import matplotlib as mpl
    from matplotlib import font_manager
    from matplotlib.figure import Figure

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in sorted(FONTS.glob("*.ttf")):
        if str(path) not in known:
            font_manager.fontManager.addfont(path)
    settings: dict[Any, Any] = {
        "font.family": FAMILY,
        "font.size": 10.5,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": GREY,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "hatch.linewidth": 0.6,
        "hatch.color": "white",
        "text.parse_math": False,
        "svg.fonttype": "none",
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.subplots()
