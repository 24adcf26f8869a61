"""The page of a diff as a person meets it: in Chromium, on a desk and on a phone, by day and by night, by keyboard."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from infer.report.findings import Outcome, plain, renderer
from tests.e2e.processes import npm_environment
from tests.unit.report import outcomes

SCRIPT: Final = Path(__file__).with_name("page_view.mjs")
SCREENS: Final = {
    "desk by day": {"width": 1280, "height": 900, "dark": False},
    "desk by night": {"width": 1280, "height": 900, "dark": True},
    "phone by day": {"width": 360, "height": 740, "dark": False},
    "phone by night": {"width": 360, "height": 740, "dark": True},
}
SEEN: Final = [
    *(("changes", screen) for screen in SCREENS),
    ("traffic", "desk by day"),
    ("traffic", "phone by night"),
    ("nothing", "phone by day"),
    ("hostile", "desk by day"),
    ("hostile", "phone by night"),
]
OPENED: Final = "document.querySelectorAll('.findings details').forEach((each) => { each.open = true; })"
VISIBLE: Final = (
    "[...document.querySelectorAll('.findings > li')].filter((each) => !each.hidden).map((each) => each.id)"
)
KEYS: Final = {
    "search": {"keys": ["/", *"debug"], "script": VISIBLE},
    "search and leave": {"keys": ["/", *"debug", "Escape"], "script": VISIBLE},
    "hide errors": {"keys": ["Tab", "Tab", "Enter"], "script": VISIBLE},
    "open the first": {
        "keys": ["Tab"] * 4 + ["Enter"],
        "script": "document.querySelectorAll('.findings details[open]').length",
    },
}


@pytest.fixture(scope="module")
def looks(node: str, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """What Chromium saw of each outcome on each screen, and what keys did: one browser for all."""
    folder = tmp_path_factory.mktemp("pages")

    def page(name: str, outcome: Outcome) -> str:
        path = folder / f"{name}.html"
        path.write_text(renderer("html")(outcome), "utf-8")
        return path.as_uri()

    pages = {name: page(name, getattr(outcomes, name)()) for name in ("changes", "traffic", "nothing", "hostile")}
    jobs = {
        **{
            (name, screen): {"url": url, "script": OPENED, **look}
            for name, url in pages.items()
            for screen, look in SCREENS.items()
        },
        **{("traffic", keys): {"url": pages["traffic"], "audit": False, **what} for keys, what in KEYS.items()},
    }
    for job in jobs.values():
        job["ready"] = "document.readyState === 'complete'"
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(list(jobs.values())))
    ran = subprocess.run(
        [node, SCRIPT, chromium, listed], capture_output=True, check=False, env=npm_environment(), timeout=120
    )
    assert ran.returncode == 0, ran.stderr.decode(errors="replace")
    return dict(zip(jobs, json.loads(ran.stdout), strict=True))


@pytest.mark.parametrize(("name", "screen"), SEEN)
def test_the_page_is_whole_on_every_screen(looks: dict[tuple[str, str], Any], name: str, screen: str) -> None:
    """No complaint on the console, no request, nothing to scroll sideways, and nothing that axe-core calls serious."""
    look = looks[name, screen]
    assert look["complaints"] == []
    assert look["requests"] == []
    assert look["overflow"] == 0
    assert [found for found in look["violations"] if found["impact"] in {"serious", "critical"}] == []


def test_it_says_what_there_is_to_say(looks: dict[tuple[str, str], Any]) -> None:
    """Headline, findings, evidence, coverage; and that there is nothing, where there is nothing."""
    text = looks["traffic", "desk by day"]["text"]
    for said in (
        "Failed",
        "1 error, 1 warning",
        "'age' is a string",
        "chat.har entry 12 frame 3",
        "62 %",
        "2 frames could not be decoded",
    ):
        assert said in text
    assert "No differences: new.yml promises what declared.yml does" in looks["nothing", "phone by day"]["text"]
    hostile = looks["hostile", "desk by day"]["text"]
    assert all(plain(name).strip() in hostile for name in outcomes.HOSTILE)


def test_it_is_used_by_keyboard(looks: dict[tuple[str, str], Any]) -> None:
    """`/` searches and Escape clears; levels are switched off and findings opened with Tab and Enter."""
    error, warning = (f"f-{finding.fingerprint}" for finding in outcomes.traffic().verdict.findings)
    assert looks["traffic", "search"]["result"] == [warning]
    assert looks["traffic", "search and leave"]["result"] == [error, warning]
    assert looks["traffic", "hide errors"]["result"] == [warning]
    assert looks["traffic", "open the first"]["result"] == 1
