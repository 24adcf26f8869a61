"""Pictures as SVG elements: built as a tree, so that no text can become markup."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from itertools import accumulate
from typing import Final, TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from infer.report.text import printable

Value: TypeAlias = str | float
_WIDTHS: Final = {
    character: width
    for width, characters in (
        (5.0, " ',./:;I\\ijl|·"),
        (6.5, '!"()*-[]_`frt'),
        (11.0, "#&+<=>ABCDGHKNOPQRUVX~"),
        (14.3, "%@MWmw…"),
    )
    for character in characters
}
"""Of characters that are not about as wide as most."""


def picture(width: float, height: float, label: str, *, name: str) -> Element:
    """An empty picture; `label` is what it shows in a sentence, for those who do not see it. `name` is a CSS class."""
    return Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "class": name,
            "role": "img",
            "aria-label": label,
        },
    )


def put(parent: Element, tag: str, style: str = "", **attributes: Value) -> Element:
    """A shape in the picture; `style` names CSS classes. Underscores in attributes stand for hyphens."""
    given = {key.replace("_", "-"): value if isinstance(value, str) else _number(value) for key, value in attributes.items()}
    return SubElement(parent, tag, {"class": style, **given} if style else given)


def write(parent: Element, text: str, x: float, y: float, style: str = "", *, anchor: str = "start", width: float = 0) -> None:
    """Text at a place, with invisible characters as escapes; cut to `width` where one is given, and whole in its tooltip."""
    text = printable(text, 400)
    element = put(parent, "text", style, x=x, y=y, text_anchor=anchor)
    element.text = _cut(text, width, style) if width else text
    if element.text != text:
        put(element, "title").text = text
        # a tooltip belongs to an element's head, before its characters
        element.text, element[0].tail = None, element.text


def arrow(parent: Element, start: float, end: float, y: float, style: str, *, width: float = 1.5) -> None:
    """A horizontal arrow, with its head at `end`."""
    back = -7 if end > start else 7
    put(parent, "line", style, x1=start, y1=y, x2=end + back / 2, y2=y, stroke_width=width)
    put(parent, "path", f"{style} head", d=f"M{_number(end)} {_number(y)}l{back} -4.5v9z")


def markup(element: Element) -> str:
    """The picture as it stands in a page."""
    return tostring(element, encoding="unicode")


def _cut(text: str, width: float, style: str) -> str:
    """The text, or as much of its beginning as has room."""
    ends = list(accumulate(_width(character, style) for character in text))
    if not ends or ends[-1] <= width:
        return text
    return text[: max(1, bisect_right(ends, width - _width("…", style)))] + "…"


def _width(character: str, style: str) -> float:
    """How wide a character is at most: which face a page is shown in is not known, so it is that of the widest, in bold."""
    if unicodedata.combining(character):
        return 0.0
    broad = unicodedata.east_asian_width(character) in ("F", "W")
    if style == "content":  # of one width, see page.css
        return 13.2 if broad else 6.6
    return 14.3 if broad else _WIDTHS.get(character, 9.3)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
