"""The page as text."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

import jinja2
from markupsafe import Markup

from infer import __version__
from infer.model import Direction
from infer.pages.component import INTEGRITY, SCRIPT, STYLE, Component
from infer.pages.overview import overview
from infer.pages.sequence import offset, sequence
from infer.pages.subject import Subject
from infer.pages.svg import markup
from infer.pages.timeline import timeline
from infer.report.text import many, printable

_ASSETS: Final = files("infer.pages") / "assets"
_FIGURES: Final = ("count", "sessions", "per_minute", "bytes", "acks_asked", "ack_seconds")
"""Columns that are left out where no row knows the figure."""
_MOST_DRAWN: Final = 60
"""Namespaces of which a picture is drawn; the table has all."""


def page(subject: Subject, component: Component, *, live: str | None = None) -> str:
    """The page. `live` is the version of what it shows, for a page that is served and asks for newer ones."""
    told = subject.story.telling() if subject.story is not None else None
    times = timeline(subject.story) if subject.story is not None else None
    info = subject.document.get("info", {})
    guard, script, style = _asset("guard.js"), _asset("page.js"), _asset("page.css")
    return _template().render(
        title=_text(info.get("title")) or "Socket.IO API",
        version=_text(info.get("version")),
        description=_text(info.get("description")),
        facts=_facts(subject),
        spaces=subject.spaces,
        written=subject.written,
        pictures={space.name: Markup(markup(overview(space))) for space in subject.spaces[:_MOST_DRAWN]},  # noqa: S704 (built as a tree)
        rows=list(subject.rows),
        known={name for name in _FIGURES if any(row.seen is not None and getattr(row.seen, name) for row in subject.rows)},
        sequence=Markup(markup(sequence(told))) if told is not None else None,  # noqa: S704
        timeline=Markup(markup(times)) if times is not None else None,  # noqa: S704
        document=Markup(_data(subject.document)),  # noqa: S704 (escaped for where it stands)
        component=component,
        files={"script": SCRIPT, "style": STYLE},
        integrity=INTEGRITY,
        inlined={"script": Markup(component.script), "style": Markup(component.style)},  # noqa: S704 (of a checked digest)
        guard=Markup(guard),  # noqa: S704 (ours)
        page_script=Markup(script),  # noqa: S704 (ours)
        page_style=Markup(style),  # noqa: S704 (ours)
        policy=_policy(component, [guard, script], [style], live=live is not None),
        live=live,
        tool_version=__version__,
    )


def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    filters: dict[str, Callable[..., Any]] = {
        "plain": printable,
        "sign": lambda direction: "→" if direction is Direction.C2S else "←",
        "route": lambda direction: "client to server" if direction is Direction.C2S else "server to client",
        "many": many,
        "seconds": offset,
        "bytes": _bytes,
        "rate": _rate,
        "number": lambda count: f"{count:,}",
    }
    environment.filters |= filters
    return environment.from_string(_asset("page.html"))


def _asset(name: str) -> str:
    return (_ASSETS / name).read_text(encoding="utf-8")


def _text(value: Any) -> str:
    return printable(value, 2_000) if isinstance(value, str) else ""


def _facts(subject: Subject) -> list[tuple[str, str]]:
    """Numbers for the head of the page, each with its word."""
    rows = list(subject.rows)
    samples = sum(row.samples for row in rows)
    counts = [
        (len(subject.spaces), "namespace"),
        (sum(row.direction is Direction.C2S for row in rows), "client event"),
        (sum(row.direction is Direction.S2C for row in rows), "server event"),
        (sum(row.ack is not None for row in rows), "acknowledgement"),
        (subject.sessions or 0, "session"),
        (samples, "sample"),
    ]
    shown = [many(count, noun).partition(" ") for place, (count, noun) in enumerate(counts) if count or place < 3]
    return [(number, noun) for number, _, noun in shown]


def _data(document: dict[str, Any]) -> str:
    """JSON that no HTML parser takes for anything else, wherever it stands in an element."""
    text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _policy(component: Component, scripts: list[str], styles: list[str], *, live: bool) -> str:
    """The content-security policy: what is on the page and nothing else (W3C CSP 3)."""
    if component.url is None:
        allowed = [*map(_digest, [*scripts, component.script])], [*map(_digest, [*styles, component.style])]
    else:
        allowed = [*map(_digest, scripts), component.url + SCRIPT], [*map(_digest, styles), component.url + STYLE]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(allowed[0])}",
            f"style-src {' '.join(allowed[1])}",
            "img-src data:",
            "connect-src 'self'" if live else "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"


def _bytes(size: float) -> str:
    return f"{size:,.0f} B" if size < 1_000 else f"{size / 1_000:,.1f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"


def _rate(per_minute: float) -> str:
    return f"{per_minute:,.0f}/min" if 10 <= per_minute < 600 else f"{per_minute / 60:,.0f}/s" if per_minute >= 600 else f"{per_minute:.1f}/min"
