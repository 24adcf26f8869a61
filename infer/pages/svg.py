"""Pictures as SVG elements: built as a tree, so that no text can become markup."""

from __future__ import annotations

from typing import TypeAlias
from xml.etree.ElementTree import Element, SubElement, tostring

from infer.report.text import printable

Value: TypeAlias = str | float


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
    """Text at a place, with invisible characters as escapes; cut to `width` where one is given, and whole in its tooltip.

    Widths are estimated by half an em of 13 units a character, which is what a proportional face takes on average.
    """
    text = printable(text, 400)
    fits = int(width / 6.6) if width else len(text)
    element = put(parent, "text", style, x=x, y=y, text_anchor=anchor)
    element.text = text if len(text) <= fits else text[: max(1, fits - 1)] + "…"
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


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
