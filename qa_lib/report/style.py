"""Which colours, which letters?

The palette is that of the government Analysis Function's guide: dark tones
that keep a contrast of 3:1 against white for every mark; text is near-black,
10 points or more. Grades run along one ramp from dark to light, and each part
carries its own label, so that a grey print says the same.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
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
FACES = (("Regular", 400, "normal"), ("It", 400, "italic"), ("Semibold", 600, "normal"), ("Bold", 700, "normal"))


@cache
def font_faces() -> str:
    """The family as CSS that carries its letters inside itself, for a page or for JupyterLab."""
    faces = []
    for face, weight, slant in FACES:
        data = base64.b64encode((FONTS / f"QASans-{face}.woff2").read_bytes()).decode()
        faces.append(
            f'@font-face{{font-family:"QA Sans";font-weight:{weight};font-style:{slant};'
            f"src:url(data:font/woff2;base64,{data}) format('woff2')}}"
        )
    return "\n".join(faces)


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


def spread(colours: list[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """`count` colours of a ramp, from end to end."""
    last = len(colours) - 1
    return [colours[round(at * last / max(count - 1, 1))] for at in range(count)]


def key(axes: Axes, entries: Iterable[tuple[str, str, str]]) -> None:
    """A key above the axes: label, fill and hatch of each entry."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=fill, hatch=hatch, edgecolor=INK, linewidth=0.4, label=label) for label, fill, hatch in entries
    ]
    axes.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.4, 1.0),
        ncols=4,
        frameon=False,
        fontsize=9,
        handlelength=1.2,
    )


def rows_axis(axes: Axes, labels: list[str]) -> None:
    """Named rows, the first at the top."""
    axes.set_yticks(range(len(labels)), labels, va="center")
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


QUARTERS = [0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"]


def share_axis(axes: Axes, label: str) -> None:
    """A scale of shares from none to all."""
    axes.set_xlim(0, 1.0)
    axes.set_xticks(*QUARTERS)
    axes.set_xlabel(label)


def upright_share_axis(axes: Axes) -> None:
    """The same, from the foot to the top."""
    axes.set_ylim(0, 1)
    axes.set_yticks(*QUARTERS)


def as_svg(fig: Figure, name: str) -> str:
    """The figure as inline SVG: text as text, ids of its own, nothing that names a day or a machine."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "svg.id": None}):
        fig.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    svg = svg.replace("*{stroke-linejoin", f"#{name}-chart *{{stroke-linejoin")
    return svg.replace("'QA Sans'", "'QA Sans', sans-serif").strip()
