"""Elements of SVG as text. Texts and attributes are escaped here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from markupsafe import Markup

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 14, 34
"""Around the area in which values are drawn."""
ABOVE = 24
"""For the title."""
MAX_LABEL = 24


def element(name: str, *children: str, **attributes: object) -> str:
    """``children`` are elements or escaped texts; ``class_`` and ``text_anchor`` as ``class`` and
    ``text-anchor``."""
    written = "".join(
        f' {it.rstrip("_").replace("_", "-")}="{escape(_number(value), quote=True)}"'
        for it, value in attributes.items()
    )
    return f"<{name}{written}>{''.join(children)}</{name}>"


def text(value: str, x: float, y: float, **attributes: object) -> str:
    return element("text", escape(value), x=x, y=y, **attributes)


def linked(mark: str, href: str, name: str) -> str:
    """A mark of a chart that leads somewhere, with a name for those who do not see it; without an address the
    mark alone."""
    return element("a", mark, href=href, aria_label=name) if href else mark


def shortened(label: str, length: int = MAX_LABEL) -> str:
    return label if len(label) <= length else f"{label[: length - 1]}…"


def picture(title: str, parts: Iterable[str], width: int = WIDTH, height: int = HEIGHT) -> Markup:
    """The chart below its title, as an image with that name for those who do not see it; as a group of that
    name if there are links in it, which an image would hide."""
    drawn = "".join(parts)
    content = (
        element("title", escape(title)),
        text(title, 0, 14, class_="title"),
        element("g", drawn, transform=f"translate(0 {ABOVE})"),
    )
    box = f"0 0 {width} {height + ABOVE}"
    role = "group" if "<a " in drawn else "img"
    svg = element("svg", *content, viewBox=box, role=role, aria_label=title, class_="chart")
    return Markup(svg)  # noqa: S704  # escaped above


def _number(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
