"""Findings as one HTML file that needs nothing else: it opens offline, loads nothing, sends nothing.

A content security policy allows the one style and the one script in it, by hash, and nothing more; the template
escapes all that is put in. It is read without the script too.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from infer.diff.gate import LEVELS
from infer.report.findings import (
    Outcome,
    about,
    conclusion,
    coverage_line,
    facts,
    headline,
    housekeeping,
    per_cent,
    plain,
    subjects,
)

_ASSETS: Final = files("infer.report") / "assets"


def render(outcome: Outcome) -> str:
    """The page."""
    template, style, script = _loaded()
    coverage = outcome.verdict.coverage
    return template.render(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        verdict=outcome.verdict,
        levels=LEVELS,
        headline=headline(outcome),
        subjects=subjects(outcome),
        conclusion=conclusion(outcome),
        coverage_line="" if coverage is None else coverage_line(coverage),
        notes=list(housekeeping(outcome)),
        version=outcome.version,
        facts=partial(facts, outcome=outcome),
        about=about,
        per_cent=per_cent,
        plain=plain,
    )


@cache
def _loaded() -> tuple[Template, str, str]:
    environment = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    template, style, script = (
        (_ASSETS / f"findings.{kind}").read_text("utf-8") for kind in ("html.jinja", "css", "js")
    )
    return environment.from_string(template), style, script


def _hash(text: str) -> str:
    """As a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
