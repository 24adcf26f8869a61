"""Pages as people open them: in a real Chromium, on a desk and on a phone, in light and in dark."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from infer.asyncapi import DocumentOptions
from infer.catalog import Catalog
from infer.model import Direction, Event, Origin, Server
from infer.pages import component, look
from infer.pages.page import page
from infer.pages.story import Story
from infer.pages.subject import of_catalog
from infer.state import save
from tests.e2e.commands import sio_infer
from tests.e2e.contracts import expectation
from tests.e2e.processes import ROOT, free_ports, npm_environment, running
from tests.requires import NODE_MODULES, requires

COPY: Final = NODE_MODULES / "@asyncapi" / "react-component"
VIEW: Final = ROOT / "tests" / "e2e" / "page_view.mjs"
RECORDINGS: Final = ROOT / "recordings"
APPS: Final = {
    "chat": ("chat-first.har", "chat-second.har"),
    "orders": ("orders.mitm",),
    "poll": ("poll-playwright.zip",),
    "files": ("files-upgrade.mitm",),
    "office": ("office.cdp.jsonl",),
    "legacy": ("legacy-jsonp.har.gz", "legacy-polling.har.gz"),
    "telemetry": ("telemetry-msgpack.har",),
    "ticker": ("ticker-recovery.har",),
}
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"dark": True},
    "phone": {"width": 390, "height": 844},
}
AUDITED: Final = {"orders", "files", "office"}
"""Those that have between them whatever a page can hold; an audit takes seconds."""
SECRETS: Final = ("token-of-the-demo", "token-of-somebody-else", "too late", "später", "waiter 2")
HOSTILE: Final = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></svg><b>",
    "\x1b[31mred\u202eevil",
    "{{ 7*7 }}",
    "constructor",
    "__proto__",
    "a" * 400,
)


def view(folder: Path, *jobs: dict[str, Any]) -> list[dict[str, Any]]:
    """What Chromium saw; pictures stay in artefacts/pages."""
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs))
    command = ["node", str(VIEW), requires("chromium"), str(listed)]
    ran = subprocess.run(command, capture_output=True, check=False, timeout=240, env={**os.environ, **npm_environment()})
    assert ran.returncode == 0, ran.stderr.decode()
    looks: list[dict[str, Any]] = json.loads(ran.stdout)
    return looks


def picture(name: str) -> str:
    folder = ROOT / "artefacts" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{name}.png")


def serious(seen: dict[str, Any]) -> list[Any]:
    return [found for found in seen["violations"] if found["impact"] in {"serious", "critical"}]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every application's page, offline, seen in Chromium: light each; one of them whole, dark and on a phone too."""
    requires("node")
    folder = tmp_path_factory.mktemp("pages")
    names, jobs = [], []
    for app, files in APPS.items():
        made = folder / f"{app}.html"
        sio_infer("docs", *(RECORDINGS / file for file in files), "--offline", "--component", COPY, "-o", made, "-q")
        for way, given in LOOKS.items():
            if way == "light" or app == "orders":
                names.append(f"{app} {way}")
                whole = app == "orders"
                audit = app in AUDITED
                jobs.append({"url": made.as_uri(), "picture": picture(f"{app}-{way}"), "full": whole, "audit": audit, **given})
    seen = view(folder, *jobs)
    return {name: {**one, "html": (folder / f"{name.split()[0]}.html").read_text()} for name, one in zip(names, seen, strict=True)}


EVERY: Final = [f"{app} {way}" for app in APPS for way in LOOKS if way == "light" or app == "orders"]


@pytest.mark.parametrize("name", EVERY)
def test_page_is_sound(pages: dict[str, dict[str, Any]], name: str) -> None:
    """No word on the console, no request, nothing serious that axe-core finds, no sideways scrolling."""
    seen = pages[name]
    assert seen["complaints"] == []
    assert seen["requests"] == []
    assert serious(seen) == []
    assert seen["overflow"] == 0


@pytest.mark.parametrize("app", APPS)
def test_page_shows_the_contract(pages: dict[str, dict[str, Any]], app: str) -> None:
    """Every namespace and event that the expectation names is there, and AsyncAPI's component has drawn."""
    text = pages[f"{app} light"]["text"]
    for namespace, sides in expectation(app)["namespaces"].items():
        assert namespace in text
        for event in (*sides["c2s"], *sides["s2c"]):
            assert text.count(event) >= 2, event
    assert "Operation ID" in text
    for section in ("Overview", "Events", "A session", "Timeline", "Reference"):
        assert section in text


@pytest.mark.parametrize("app", APPS)
def test_page_lets_no_value_out(pages: dict[str, dict[str, Any]], app: str) -> None:
    """What the clients said is nowhere in the file."""
    html = pages[f"{app} light"]["html"]
    assert [secret for secret in SECRETS if secret in html] == []


def test_values_are_shown_when_asked_for_and_not_private() -> None:
    """A number is shown, a token and a person's note are not."""
    html = sio_infer("docs", RECORDINGS / "orders.har", "--show-values", "-q").decode()
    assert "table: 4" in html
    assert [secret for secret in ("token-of-the-demo", "token-of-somebody-else", "später") if secret in html] == []


def test_component_comes_from_its_address(tmp_path: Path) -> None:
    """By default the two pinned files, and nothing else, are asked for; a changed file is not run, and the page says so."""
    requires("node")
    made = tmp_path / "page.html"
    sio_infer("docs", RECORDINGS / "chat-first.har", "-o", made, "-q")
    changed = tmp_path / "changed.js"
    changed.write_text("alert(1)")
    files = {component.URL + file: str(COPY / file) for file in (component.SCRIPT, component.STYLE)}
    good, bad = view(
        tmp_path,
        {"url": made.as_uri(), "route": files},
        {"url": made.as_uri(), "route": {**files, component.URL + component.SCRIPT: str(changed)}, "audit": False},
    )
    assert sorted(good["requests"]) == sorted(files)
    assert good["complaints"] == []
    assert "Operation ID" in good["text"]
    assert "make the page with --offline" in bad["text"]
    assert any("integrity" in complaint for complaint in bad["complaints"])


def catalog_of(*names: str, story: Story | None = None) -> Catalog:
    """A catalog of events with these names."""
    catalog = Catalog()
    for number, name in enumerate(names):
        direction = Direction.C2S if number % 2 else Direction.S2C
        server = Server(False, "localhost:4000", "/socket.io/")
        namespace = "/" if number % 3 else "/<i>ns</i>"
        args = [{name: name, "n": number}]
        seen = Event(number, server, namespace, direction, name, args, True, [name], 0.1, 99, 1e9 + number, Origin("x"))
        catalog.add(seen)
        if story is not None:
            story(seen)
    return catalog


def test_hostile_names_are_text(tmp_path: Path) -> None:
    """Markup, escapes and templates in names of events, keys and namespaces are shown, never obeyed."""
    requires("node")
    story = Story(look.values)
    subject = of_catalog(catalog_of(*HOSTILE, story=story), DocumentOptions(title="<b>bold</b> & </title>"), story)
    made = tmp_path / "hostile.html"
    made.write_text(page(subject, component.installed(COPY)))
    (seen,) = view(tmp_path, {"url": made.as_uri(), "picture": picture("hostile"), "full": True})
    assert seen["complaints"] == []
    assert seen["requests"] == []
    assert serious(seen) == []
    assert seen["overflow"] == 0
    for name in HOSTILE[:3]:
        assert name in seen["text"]
    assert "\\x1b[31mred\\u202eevil" in seen["text"]
    assert "{{ 7*7 }}" in seen["text"]
    assert "<b>bold</b> & </title>" in seen["text"]


LONG: Final = (
    "W" * 60,
    "order:status:changed:by:the:kitchen:of:the:restaurant",
    "MENU ITEM CHANGED BY THE WAITER OF TABLE",
    "</script><img src=x onerror=alert(1)>",
    "illiili.lil" * 8,
    "\u540d\u524d" * 30,
    "\U0001f389" * 40,
    "e\u0301" * 60,
)


def test_long_names_leave_room_for_what_stands_beside_them(tmp_path: Path) -> None:
    """However wide their letters are: in the overview a name ends before its count, in the timeline before the bars."""
    requires("node")
    story = Story(look.values)
    subject = of_catalog(catalog_of(*(LONG * 36), story=story), DocumentOptions(title="long"), story)
    made = tmp_path / "long.html"
    made.write_text(page(subject, component.installed(COPY)))
    script = """(() => {
      const boxes = (selector) => [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
      const crossing = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      const pairs = [['.overview .name', '.overview .quiet'], ['.overview .name', '.overview .party'], ['.timeline .name', '.timeline .bar']];
      return pairs.map(([name, other]) => [boxes(name).length, boxes(name).filter((a) => boxes(other).some((b) => crossing(a, b))).length]);
    })()"""
    (seen,) = view(tmp_path, {"url": made.as_uri(), "script": script, "audit": False})
    assert [crossing for _, crossing in seen["result"]] == [0, 0, 0]
    assert min(names for names, _ in seen["result"]) >= len(LONG)


def test_large_document_is_drawn(tmp_path: Path) -> None:
    """500 events with 5 MB of schemas: a page that works."""
    requires("node")
    fields = {f"field {number}": {"type": "string", "description": "x" * 900} for number in range(10)}
    messages = {f"m{number}": {"name": f"event {number}", "payload": {"type": "object", "properties": fields}} for number in range(500)}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "Large", "version": "1"},
        "channels": {"root": {"address": "/", "messages": messages}},
        "operations": {
            key: {"action": "send", "channel": {"$ref": "#/channels/root"}, "messages": [{"$ref": f"#/channels/root/messages/{key}"}]}
            for key in messages
        },
    }
    source = tmp_path / "large.json"
    source.write_text(json.dumps(document))
    assert source.stat().st_size > 4_700_000
    made = tmp_path / "large.html"
    sio_infer("docs", source, "--offline", "--component", COPY, "-o", made)
    (seen,) = view(tmp_path, {"url": made.as_uri(), "audit": False})
    assert seen["complaints"] == []
    assert "and 482 rarer events in the table" in seen["text"]
    assert "event 499" in seen["text"]
    assert "m499" in seen["text"]


def test_keyboard_reaches_everything(tmp_path: Path) -> None:
    """The first stop skips to the content; the table sorts by its heads, which are buttons."""
    requires("node")
    made = tmp_path / "page.html"
    sio_infer("docs", RECORDINGS / "chat-first.har", "--offline", "--component", COPY, "-o", made, "-q")
    sort = """(() => {
      const head = document.querySelector('#event-table th[data-sort=number]');
      head.querySelector('button').click();
      const column = [...document.querySelectorAll('#event-table tbody tr')].map((row) => Number(row.cells[head.cellIndex].dataset.value));
      const input = document.getElementById('filter');
      input.value = 'typing';
      input.dispatchEvent(new Event('input'));
      const rows = [...document.querySelectorAll('#event-table tbody tr')].filter((row) => !row.hidden).length;
      return { order: head.getAttribute('aria-sort'), column, rows, count: document.getElementById('filter-count').textContent,
               links: [...document.querySelectorAll('#event-table tbody a')].every((a) => document.getElementById(decodeURIComponent(a.hash.slice(1)))) };
    })()"""
    (seen,) = view(tmp_path, {"url": made.as_uri(), "keys": ["Tab"], "script": sort, "audit": False})
    assert seen["focused"] == "Skip to content"
    result = seen["result"]
    assert result["order"] == "descending"
    assert result["column"] == sorted(result["column"], reverse=True)
    assert (result["rows"], result["count"]) == (4, "4 of 10")
    assert result["links"]


def ask(port: int, path: str = "/", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_served_page_follows_a_growing_state(tmp_path: Path) -> None:
    """An open page shows what was saved since; others' names and origins are refused."""
    requires("node")
    state = tmp_path / "live.sio"
    save(catalog_of("first event"), state)
    (port,) = free_ports(1)
    command: list[str | Path] = [Path(sys.executable).with_name("sio-infer"), "docs", state, "--serve", "-q"]
    command += ["--port", str(port), "--offline", "--component", COPY]
    jobs = tmp_path / "jobs.json"
    job = {"url": f"http://127.0.0.1:{port}/", "audit": False, "expect": "second event"}
    jobs.write_text(json.dumps([job]))
    with running(command, listening=[port]):
        assert ask(port)[0] == 200
        assert ask(port, Host=f"attacker.example:{port}")[0] == 403
        assert ask(port, Origin="http://attacker.example")[0] == 403
        assert ask(port, "/other")[0] == 404
        _, before = ask(port, "/version")
        with running(["node", str(VIEW), requires("chromium"), str(jobs)], env=npm_environment()) as browser:
            deadline = time.monotonic() + 30
            while "ready" not in browser.output and time.monotonic() < deadline:
                time.sleep(0.1)
            save(catalog_of("first event", "second event"), state)
            printed = browser.wait(60)
        assert ask(port, "/version")[1] != before
    (seen,) = json.loads(printed.removeprefix("ready\n"))
    assert "second event" in seen["text"]
    assert [complaint for complaint in seen["complaints"] if "favicon" not in complaint] == []


def test_served_page_follows_what_its_document_refers_to(tmp_path: Path) -> None:
    """A schema in a file of its own, whose mistakes are told and mended as the document's own; and one that comes later."""
    document, schema, other = (tmp_path / name for name in ("asyncapi.yml", "say.yml", "other.yml"))
    text = (
        "asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n"
        "channels: {root: {address: /, messages: {say: {name: say, payload: {$ref: say.yml}}}}}\n"
        "operations: {say: {action: receive, channel: {$ref: '#/channels/root'}}}\n"
    )
    document.write_text(text)
    schema.write_text("type: object\nproperties: {first: {type: integer}}\n")
    (port,) = free_ports(1)
    command: list[str | Path] = [Path(sys.executable).with_name("sio-infer"), "docs", document, "--serve", "--port", str(port)]
    with running(command, listening=[port]) as served:
        first = ask(port, "/version")
        assert "first" in ask(port)[1]
        assert ask(port, "/version") == first
        schema.write_text("type: object\nproperties: {second: {type: integer}}\n")
        assert "second" in ask(port)[1]
        assert (changed := ask(port, "/version")) != first
        schema.write_text("type: [\n")
        assert "second" in ask(port)[1]
        assert ask(port, "/version") == changed
        schema.write_text("$ref: other.yml\n")
        assert "second" in ask(port)[1]
        other.write_text("type: object\nproperties: {third: {type: integer}}\n")
        assert "third" in ask(port)[1]
        assert ["stays as it was" in line for line in served.output.splitlines()] == [False, True, True]


def test_served_page_outlasts_a_broken_document(tmp_path: Path) -> None:
    """What was right last stays, without being loaded again; why is said once, and Ctrl-C is no failure."""
    requires("node")
    document = tmp_path / "asyncapi.yml"
    document.write_bytes(sio_infer(RECORDINGS / "orders.har"))
    right = document.read_text()
    (port,) = free_ports(1)
    command: list[str | Path] = [Path(sys.executable).with_name("sio-infer"), "docs", document, "--serve"]
    command += ["--port", str(port), "--offline", "--component", COPY]
    jobs = tmp_path / "jobs.json"
    count = "new Promise((done) => setTimeout(() => done(performance.getEntriesByName(location.origin + '/version').length), 3500))"
    jobs.write_text(json.dumps([{"url": f"http://127.0.0.1:{port}/", "audit": False, "script": count}]))
    with running(command, listening=[port]) as served:
        before = ask(port)[1]
        document.write_text("broken: [")
        asked = [ask(port, "/version")[1] for _ in range(3)]
        assert f'content="{asked[0]}"' in before
        assert len(set(asked)) == 1
        with running(["node", str(VIEW), requires("chromium"), str(jobs)], env=npm_environment()) as browser:
            (seen,) = json.loads(browser.wait(60))
        assert seen["result"] >= 3  # times that this same page asked
        document.write_text(right + "# right again\n")
        assert ask(port, "/version")[1] != asked[0]
        served.stop(signal.SIGINT)
        assert served.process.returncode == 0
        (_, said) = served.output.splitlines()
        assert said.startswith(f"the page stays as it was: {document}:2:1: no valid YAML: ")


def test_what_is_no_document_is_one_line(tmp_path: Path) -> None:
    """A broken document, and a document among captures, are refused."""
    broken = tmp_path / "broken.yml"
    broken.write_text("asyncapi: 3.0.0\nchannels: [")
    for arguments in ([broken], [broken, RECORDINGS / "orders.har"]):
        command: list[str | Path] = [Path(sys.executable).with_name("sio-infer"), "docs", *arguments]
        ran = subprocess.run(command, capture_output=True, check=False, text=True)
        assert ran.returncode == 2
        assert ran.stdout == ""
        assert ran.stderr.startswith("sio-infer: error: ")
        assert len(ran.stderr.splitlines()) == 1
