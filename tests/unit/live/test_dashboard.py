"""The dashboard: what is seen, by namespace and direction, on any terminal."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pytest
from rich.console import Console

from infer.live.dashboard import FLASH, screen
from infer.live.messages import Row, Status
from infer.report.text import printable


@dataclass(frozen=True)
class Seen:
    """Rows as a recorder gives them."""

    rows: tuple[Row, ...] = ()
    skipped: int = 0
    violations: int = 0
    diagnostics: tuple[tuple[str, int], ...] = ()

    @property
    def status(self) -> Status:
        return Status(list(self.rows), 0, 2, 40, 30, self.skipped, list(self.diagnostics), self.violations, 1.0)


def row(event: str, *, namespace: str = "/", side: str = "c2s", count: int = 1, rate: float = 0.0, age: float | None = None) -> Row:
    """A row of one host."""
    return Row("a.example/socket.io/", namespace, side, event, count, rate, 0, None, age)


def shown(status: Status | None, *notices: str, rows: int = 40, width: int = 100) -> str:
    """The screen as text without colours."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(screen(status, notices, "listening on 127.0.0.1:8080", rows, width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_events_stand_below_their_namespace() -> None:
    """With arrows for who emits, counts, rates; the namespace once."""
    text = shown(Seen((row("say", count=1_204, rate=12.44), row("said", side="s2c"), row("set", namespace="/admin"))).status)
    lines = [line.split() for line in text.splitlines()]
    assert ["/", "→", "server", "say", "1,204", "12.4"] in lines
    assert ["←", "server", "said", "1"] in lines
    assert ["/admin", "→", "server", "set", "1"] in lines
    assert "a.example" not in text, "one host needs no column"


def test_new_events_are_pointed_out_for_a_while() -> None:
    """And have a row even where not all have room."""
    busy = tuple(row(f"busy {number}", count=1_000, rate=5.0) for number in range(50))
    text = shown(Seen((*busy, row("fresh", age=FLASH / 2), row("old", age=FLASH * 2))).status, rows=20)
    assert "fresh new" in text
    assert "old new" not in text
    assert "more" in text
    assert len(text.splitlines()) <= 20


def test_what_went_wrong_is_said() -> None:
    """Diagnostics, skipped frames, violations, and the last notices."""
    seen = Seen(skipped=7, violations=3, diagnostics=(("json-invalid", 2),))
    text = shown(seen.status, *(f"notice {number}" for number in range(20)), width=200)
    for words in ("7 frames skipped", "3 violations of the declared contract", "2 × json-invalid", "! notice 19"):
        assert words in text
    assert "notice 5" not in text


def test_hostile_names_move_nothing() -> None:
    """Controls are shown, not obeyed; markup is not interpreted."""
    name = "[red]x[/red]\x1b[2J\u202e\n"
    text = shown(Seen((row(name, namespace=name),)).status, f"notice {name}", width=200)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert printable(name) in text


@pytest.mark.parametrize("width", [100, 80, 60])
def test_a_narrow_terminal_has_whole_figures(width: int) -> None:
    """Long names are cut, figures are shown whole or not at all; how often is always shown."""
    seen = Seen((row("order:status:changed:by:the:kitchen", namespace="/kitchen-display", count=12_345, rate=1_234.5), row("set", count=7)))
    lines = shown(seen.status, width=width).splitlines()[1:4]
    assert max(map(len, lines)) <= width
    for word in ("order:status:change", "/kitchen-display", "12,345"):
        assert word in lines[1]
    assert ("1,234.5" in lines[1].split()) == ("per s" in lines[0])
    assert lines[2].split()[-1] == "7"


def test_a_terminal_with_no_room_for_a_table_has_a_list() -> None:
    """In no more lines than there are, which is still what is busiest."""
    rows = tuple(row(f"event {number}", namespace=f"/{number % 3}", count=number) for number in range(30))
    lines = shown(Seen(sorted_by_place(rows)).status, rows=20, width=30).splitlines()
    assert len(lines) <= 20
    assert {"/2", "→ server event 29 ×29"} <= set(map(str.rstrip, lines))
    assert "… and" in "".join(lines)


def sorted_by_place(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """As a recorder has them."""
    return tuple(sorted(rows, key=lambda each: each.namespace))


def test_before_anything_is_known() -> None:
    """It says what it does, and what to do."""
    assert "starting" in shown(None)
    assert "use the application" in shown(Seen().status)
