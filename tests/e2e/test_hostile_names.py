"""What strangers call things stays text in everything that is written: names that want to be more, in a real capture.

The names are those of events, keys, namespaces and enum members. The reports of the diff have tests of their own
(tests/unit/report/test_findings_hostile.py).
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.e2e.commands import COMMAND, environment
from tests.e2e.test_pages import COPY, view
from tests.requires import NODE_MODULES, requires

NAMES: Final = (
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b31mC1 and \x7f",
    "right\u202eto left",
    "line\r\nfeed\u2028and\x85more",
    "::error file=a::injected",
    "##[error]injected",
    "<script>window.injected=1</script>",
    "<img src=x onerror=window.injected=1>",
    "</script><svg onload=window.injected=1>",
    "javascript:window.injected=1",
    "[link](javascript:alert(1)) ![i](http://h/i.png)",
    "a|b`c`*d*_e_~f~ @team #1",
    '=HYPERLINK("http://h/","x")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1+1",
    "!!python/object/apply:os.system ['touch injected']",
    "&anchor *alias",
    "<<",
    "yes",
    "null",
    "*/ export const injected = 1; /*",
    "*\\/ // \n export const injected = 1",
    "`${injected}`",
    '"; export const injected = 1; "',
    '"""\nopen("injected", "w")\n"""',
    "'''\nopen('injected', 'w')\n'''",
    '\\"""\nopen("injected", "w")',
    "{open('injected','w')}",
    "$(touch injected)",
    "`touch injected`",
    "; touch injected #",
    "../../injected",
    "__proto__",
    "constructor",
    "$ref",
    "~1a/b~0",
    "%s%n{0}{{7*7}}",
)  # fmt: skip
ACTIVE: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of what acts on a terminal or turns the direction of writing; but for the joiner of emoji."""


def capture(folder: Path) -> Path:
    """A HAR in which each name is an event, a key, a namespace and, often enough, one of a few values."""
    messages = []
    for number, name in enumerate(NAMES):
        space = "" if number % 3 else f"/{number},"
        for _ in range(3):
            data = json.dumps([name, {name: 1, "state": name, "inner": {name: [{name: None}]}}, name])
            messages += [(way, f"42{space}{data}") for way in ("send", "receive")]
        messages.append(("send", f'40/{name.replace(",", "")},{{"{number}":1}}'))
    for _ in range(30):
        messages += [("send", "42" + json.dumps(["kind", {"type": name}])) for name in NAMES[4:8]]
    listed = [{"type": way, "time": 1.7e9 + at, "opcode": 1, "data": data} for at, (way, data) in enumerate(messages)]
    ask = {"method": "GET", "url": "wss://h.example/socket.io/?EIO=4&transport=websocket&sid=s", "httpVersion": "1.1", "headers": []}
    entry = {"startedDateTime": "2024-01-01T00:00:00.000Z", "time": 1, "request": ask, "response": {"status": 101, "headers": []}, "_webSocketMessages": listed}
    path = folder / "hostile.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "1"}, "entries": [entry]}}), encoding="utf-8")
    return path


class Outputs:
    """What a command says of the capture, each asked once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.capture = capture(folder)
        self.said: dict[tuple[str, ...], bytes] = {}

    def of(self, *arguments: str) -> str:
        """Standard output; what went to standard error is kept under `2>`."""
        if arguments not in self.said:
            ran = subprocess.run(
                [COMMAND, *arguments, str(self.capture)], capture_output=True, check=False, env=environment(), cwd=self.folder, timeout=120
            )
            assert ran.returncode == 0, ran.stderr.decode()
            self.said[arguments] = ran.stdout
            self.said["2>", *arguments] = ran.stderr
        return self.said[arguments].decode()


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Outputs:
    return Outputs(tmp_path_factory.mktemp("hostile"))


TERMINAL: Final = [
    ("infer", "-v"), ("infer", "--format", "json"), ("infer", "--evidence", "full"), ("summary",), ("summary", "--format", "markdown"),
    ("summary", "--format", "csv"), ("summary", "--format", "json"), ("inspect", "--engine"), ("inspect", "--format", "jsonl"),
    ("inspect", "--show-values"), ("types",), ("types", "--lang", "python"), ("docs",),
]  # fmt: skip


@pytest.mark.parametrize("arguments", TERMINAL, ids=" ".join)
def test_nothing_acts_on_a_terminal(outputs: Outputs, arguments: tuple[str, ...]) -> None:
    """Neither what is written nor what is said beside it holds control characters or such as turn the writing round."""
    outputs.of(*arguments)
    for data in (outputs.said[arguments], outputs.said["2>", *arguments]):
        text = data.decode()
        assert {c for c in text if unicodedata.category(c) in ACTIVE} <= {"\n", "\u200d"} | ({"\r"} if "csv" in arguments else set())


def test_yaml_is_safe_and_says_the_same(outputs: Outputs) -> None:
    """A safe loader reads the document, which names the events as they are; JSON says the same."""
    document = yaml.safe_load(outputs.of("infer", "-v"))
    assert document == json.loads(outputs.of("infer", "--format", "json")), "a tag, an anchor or a merge key was taken for one"
    messages = document["components"]["messages"]
    names = {message.get("name") for message in messages.values()}
    assert names >= set(NAMES)


@pytest.mark.parametrize("form", ["yml", "json"])
def test_names_in_an_edited_document(outputs: Outputs, form: str) -> None:
    """Merged into a person's document, names are written as in a draft; what the person wrote stays, signs and all."""
    edited = outputs.folder / f"edited.{form}"
    title = "own\u202etitle"
    bare = json.dumps({"asyncapi": "3.0.0", "info": {"title": title, "version": "1"}, "channels": {}, "operations": {}}, indent=2, ensure_ascii=False)
    text = f'asyncapi: 3.0.0\ninfo:\n  title: {title}\n  version: "1"\nchannels: {{}}\noperations: {{}}\n' if form == "yml" else bare
    edited.write_text(text, encoding="utf-8")
    subprocess.run([COMMAND, "update", edited, outputs.capture, "-q"], check=True, env=environment(), timeout=120)
    written = edited.read_text(encoding="utf-8")
    assert title in written
    assert {c for c in written.replace(title, "") if unicodedata.category(c) in ACTIVE} <= {"\n", "\u200d"}
    document = yaml.safe_load(written) if form == "yml" else json.loads(written)
    assert names_of(document) >= set(NAMES)


def names_of(document: Any) -> set[str]:
    """Whatever stands under a key `name` or is an event's own key."""
    if isinstance(document, list):
        return set().union(*map(names_of, document))
    if not isinstance(document, dict):
        return set()
    own = {document["name"]} if isinstance(document.get("name"), str) else set()
    return own.union(*map(names_of, document.values()))


def test_cells_are_no_formulas(outputs: Outputs) -> None:
    """No cell begins with what a spreadsheet computes; each row has as many cells as the head."""
    head, *rows = csv.reader(io.StringIO(outputs.of("summary", "--format", "csv"), newline=""))
    assert len(rows) >= len(NAMES)
    assert {len(row) for row in rows} == {len(head)}
    assert [cell for row in rows for cell in row if re.match(r"[=+\-@\t\r]", cell) and not re.fullmatch(r"-?[\d.]+", cell)] == []


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_markdown_renders_no_markup_of_names(outputs: Outputs) -> None:
    """By a CommonMark parser with tables and HTML on: no image, no link, no element but the table's own."""
    page = Tags(MarkdownIt("commonmark", {"html": True}).enable("table").render(outputs.of("summary", "--format", "markdown")))
    assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code", "p", "h2", "h3", "br", "strong"}
    assert page.attributes <= {"style"}


def test_typescript_holds_types_only(outputs: Outputs) -> None:
    """It compiles, and the compiler leaves nothing of it to run."""
    requires("node")
    place = outputs.folder / "compiled"
    place.mkdir()
    (place / "events.ts").write_text(outputs.of("types"), encoding="utf-8")
    tsc = NODE_MODULES / "typescript" / "bin" / "tsc"
    options = ["--strict", "--target", "es2022", "--module", "es2022", "--lib", "es2022,dom", "--removeComments", "--pretty", "false", "--ignoreConfig"]
    ran = subprocess.run(["node", str(tsc), *options, "events.ts"], cwd=place, capture_output=True, text=True, check=False, timeout=120)
    assert ran.stdout == ""
    assert (place / "events.js").read_text(encoding="utf-8").strip() == "export {};"


def test_python_runs_nothing_of_names(outputs: Outputs) -> None:
    """The module is imported, in a folder where nothing appears; no name is called that a name of the traffic brought."""
    module = outputs.of("types", "--lang", "python")
    called = {node.func.id for node in ast.walk(ast.parse(module)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"open", "eval", "exec", "__import__"}
    place = outputs.folder / "imported"
    place.mkdir()
    (place / "events.py").write_text(module, encoding="utf-8")
    subprocess.run([sys.executable, "-c", "import events"], cwd=place, check=True, timeout=60, env=environment(PYTHONDONTWRITEBYTECODE="1"))
    assert [path.name for path in place.iterdir()] == ["events.py"]


def test_pages_run_nothing_of_names(outputs: Outputs) -> None:
    """In Chromium, with AsyncAPI's component drawn: no dialog, no script, no request; a policy is there that says so."""
    requires("node")
    made = outputs.folder / "page.html"
    made.write_text(outputs.of("docs", "--offline", "--component", str(COPY)), encoding="utf-8")
    (seen,) = view(outputs.folder, {"url": made.as_uri(), "audit": False, "script": "String(window.injected)"})
    assert seen["result"] == "undefined"
    assert seen["complaints"] == []
    assert seen["requests"] == []
    assert "Content-Security-Policy" in outputs.of("docs", "--offline", "--component", str(COPY))


def test_no_file_appeared(outputs: Outputs) -> None:
    """No shell, path or loader was led to write: the folder holds what this module put there."""
    for arguments in TERMINAL:
        outputs.of(*arguments)
    assert not list(outputs.folder.rglob("injected*"))
