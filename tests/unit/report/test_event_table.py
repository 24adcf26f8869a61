"""`infer.report.event_table`: figures of known traffic, and names that must not act."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from infer.catalog import Catalog
from infer.model import Direction, Event, Origin, Server
from infer.report.event_table import Row, rows_of, to_csv, to_json, to_markdown, to_text

SERVER = Server(secure=False, host="chat.example", path="/socket.io/")
ORIGIN = Origin("a.har")


def seen(name: str = "vote", at: float | None = None, *, session: int = 1, answer: list[object] | None = None, latency: float | None = None) -> Event:
    asked = answer is not None
    return Event(session, SERVER, "/", Direction.C2S, name, [1], asked, answer, latency, 100, at, ORIGIN)


def rows(*events: Event) -> list[Row]:
    catalog = Catalog()
    for event in events:
        catalog.add(event)
    return rows_of(catalog)


def test_figures_are_those_of_the_traffic() -> None:
    """Counts are exact; the rate is of the intervals; percentiles are within a tenth."""
    votes = [seen(at=10.0 * second, session=second % 2, answer=["ok"], latency=0.2) for second in range(7)]
    votes.append(Event(5, SERVER, "/", Direction.C2S, "vote", [1], True, None, None, 100, 60.0, ORIGIN))
    (row,) = rows(*votes)
    assert (row.count, row.sessions, row.acks_asked, row.acks_given, row.rejected) == (8, 3, 8, 7, 0)
    assert row.ack_rate == 7 / 8
    assert row.per_minute == pytest.approx(7)
    assert row.ack_seconds is not None
    assert row.ack_seconds.p95 == pytest.approx(0.2, rel=0.1)
    assert row.bytes is not None
    assert row.bytes.p50 == pytest.approx(100, rel=0.1)


def test_a_burst_has_no_rate() -> None:
    """Three events within milliseconds are no thousands a minute."""
    assert rows(*(seen(at=50.0 + number / 1000) for number in range(3)))[0].per_minute is None
    assert rows(*(seen(at=50.0 + number / 2) for number in range(3)))[0].per_minute == pytest.approx(120)


@pytest.mark.parametrize(
    ("count", "sessions", "evidence"), [(2, 2, "thin"), (3, 1, "fair"), (19, 3, "fair"), (20, 2, "fair"), (20, 3, "solid")]
)
def test_evidence_says_what_a_row_rests_on(count: int, sessions: int, evidence: str) -> None:
    """Few samples are thin; many of one session are not solid."""
    (row,) = rows(*(seen(session=number % sessions) for number in range(count)))
    assert row.evidence == evidence


def test_unknown_figures_are_left_out() -> None:
    """No times, no acknowledgement: empty cells and nulls, not zeros."""
    made = rows(seen())
    (flat,) = json.loads(to_json(made))
    assert flat["per_minute"] is flat["ack_rate"] is flat["ack_seconds_p50"] is None
    (record,) = csv.DictReader(io.StringIO(to_csv(made)))
    assert record["per_minute"] == record["ack_rate"] == ""
    assert record["count"] == "1"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"])
def test_no_csv_cell_is_a_formula(name: str) -> None:
    """A spreadsheet shows such names as text."""
    (record,) = csv.DictReader(io.StringIO(to_csv(rows(seen(name)))))
    assert record["event"].startswith("'")


@pytest.mark.parametrize("name", ["\x1b[31mred", "\x1b]0;title\x07", "\u202eevil", "a\nb", "\ud800"])
def test_no_name_acts_on_a_terminal(name: str) -> None:
    """Whatever moves the cursor or the direction of writing is escaped, and a row stays one row."""
    for text in (to_text(rows(seen(name))), to_markdown(rows(seen(name))), to_csv(rows(seen(name)))):
        assert not set("\x1b\x07\u202e\ud800") & set(text)
        assert len(text.splitlines()) == len(to_text(rows(seen())).splitlines()) + text.startswith("| ")
    assert json.loads(to_json(rows(seen(name))))[0]["event"] == name


@pytest.mark.parametrize("name", ["a|b", "`code`", "<img src=x onerror=alert(1)>", "[link](http://x)", "[bold]markup[/bold]"])
def test_no_name_is_markup(name: str) -> None:
    """In Markdown a name is a code span in one cell; rich's own markup is no markup either."""
    line = to_markdown(rows(seen(name))).splitlines()[2]
    assert line.replace("\\|", "").count("|") == to_markdown(rows(seen())).splitlines()[2].count("|")
    assert name in to_text(rows(seen(name)))


def test_columns_are_aligned_and_servers_named_where_there_are_several() -> None:
    """Wide characters take two columns; one server needs no column."""
    text = to_text(rows(seen("名前"), seen("vote")))
    assert "server" not in text
    other = Event(1, Server(True, "b.example", "/rt/"), "/", Direction.S2C, "vote", [], False, None, None, 1, None, ORIGIN)
    both = to_text(rows(seen(), other))
    assert both.startswith("server ")
    assert "b.example/rt/" in both


MANY = [
    *(Event(each, SERVER, "/", Direction.C2S, "place order", [1], True, [each], 0.02 * each, 1_000 * each, 10.0 * each, ORIGIN) for each in range(30)),
    Event(1, SERVER, "/kitchen-display", Direction.S2C, "order:status:changed", [], False, None, None, 1, 1.0, ORIGIN),
]


@pytest.mark.parametrize("width", [120, 80, 60, 50, 45])
def test_a_table_fits_a_narrow_terminal(width: int) -> None:
    """Names and counts stay whole, what is left out is said, and no figure is cut."""
    whole = to_text(rows(*MANY)).splitlines()
    text = to_text(rows(*MANY), width=width)
    assert max(map(len, text.splitlines())) <= width
    head, *lines = text.splitlines()[:3]
    for name, count, line, full in zip(("place order", "order:status:changed"), ("30", "1"), lines, whole[1:], strict=True):
        assert name in line
        assert count in line.split()
        assert set(line.split()) <= set(full.split())
    left_out = " ".join(text.splitlines()[3:])
    for column in re.split("  +", "count  sessions  /min  size p50  size p95  acks  ack p50  ack p95  ack p99  evidence"):
        assert (column in head) != (column in left_out)


def test_the_least_telling_figures_go_first() -> None:
    """How often something was seen is never left out."""
    (head, *_) = to_text(rows(*MANY), width=70).splitlines()
    assert head.split() == ["namespace", "event", "count", "sessions", "acks", "evidence"]


def test_long_names_fold_before_they_take_all_the_room() -> None:
    """Nothing of them is lost."""
    name = "a-name-that-is-much-longer-than-the-column-that-it-is-in"
    text = to_text(rows(seen(name)), width=60)
    assert max(map(len, text.splitlines())) <= 60
    assert name in "".join(re.findall(r"[a-z-]{2,}", text.partition("left out")[0].partition("\n")[2].replace("thin", "")))
    assert "count" in text


def test_where_no_table_fits_there_is_a_list() -> None:
    """Of each place once, and of each event its direction, name and count."""
    assert to_text(rows(*MANY), width=30).splitlines()[:4] == ["/", "→ place order ×30", "/kitchen-display", "← order:status:changed ×1"]
    other = Event(1, Server(True, "b.example", "/rt/"), "/", Direction.S2C, "vote", [], False, None, None, 1, None, ORIGIN)
    assert to_text(rows(seen(), other), width=20).splitlines()[:5] == ["chat.example/socket.", "io/ /", "→ vote ×1", "b.example/rt/ /", "← vote ×1"]
