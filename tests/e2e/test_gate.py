"""`sio-infer diff` as a build runs it: what it exits with, what it writes where, and that it is never green by mistake."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Final

import jsonpatch
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from infer.cli import main
from infer.diff import KINDS
from infer.engines.local import Options, run
from infer.model import Connect, Event, Observation
from infer.report.findings import FORMATS
from tests.e2e.commands import COMMAND, environment
from tests.e2e.processes import ROOT
from tests.unit.report.test_findings_schemas import junit_schema, own_schema, sarif_schema

CHAT: Final = ROOT / "recordings" / "chat-first.har"
FINE, FINDINGS, ERROR = 0, 1, 2

DECLARED: Final = """asyncapi: 3.0.0
info: {title: Chat, version: 1.0.0}
channels:
  root:
    address: /
    messages:
      say: {name: say, payload: {type: object, required: [text], properties: {text: {type: string}}}}
      said: {name: said, payload: {type: object, properties: {at: {type: integer}}}}
operations:
  say: {action: receive, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/say'}]}
  said: {action: send, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/said'}]}
"""
BROKEN: Final = DECLARED.replace("required: [text]", "required: [text, room]").replace(
    "text: {", "room: {type: string}, text: {"
)
WIDER: Final = DECLARED.replace("properties: {text", "properties: {mood: {type: string}, text")


@dataclass
class Ran:
    """What a command did."""

    returncode: int
    stdout: str
    stderr: str


def diff(*arguments: str | Path, cwd: Path) -> Ran:
    """The command in this process: the same from its arguments to its exit code, without Python's start."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    argv = ["sio-infer", "diff", *map(str, arguments)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(cwd)
        patch.setattr("sys.argv", argv)
        with pytest.raises(SystemExit) as ended:
            main()
    out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return Ran(int(ended.value.code or 0), out.buffer.getvalue().decode(), err.getvalue())


def in_a_process(*arguments: str | Path, cwd: Path, **variables: str) -> Ran:
    """The command as a shell runs it."""
    ran = subprocess.run(
        [COMMAND, "diff", *arguments],
        capture_output=True,
        check=False,
        cwd=cwd,
        env=environment(**variables),
        timeout=60,
        text=True,
    )
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def report(*arguments: str | Path, cwd: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(diff(*arguments, "--format", "json", cwd=cwd).stdout)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a declared document and two that followed it."""
    for name, text in (("declared.yml", DECLARED), ("broken.yml", BROKEN), ("wider.yml", WIDER)):
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def inferred(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document that a recording gives, in a folder of its own."""
    path = tmp_path_factory.mktemp("inferred") / "chat.yml"
    subprocess.run([COMMAND, "-q", CHAT, "-o", path], check=True, env=environment(), timeout=60)
    return path


def one_line(ran: Ran) -> str:
    """The one line of an error."""
    assert ran.returncode == ERROR
    lines = [line for line in ran.stderr.splitlines() if line.startswith("sio-infer: error: ")]
    assert len(lines) == 1
    assert "(a bug: " not in lines[0]
    return lines[0]


@pytest.mark.parametrize("form", FORMATS)
def test_the_exit_code_does_not_depend_on_the_format(folder: Path, form: str) -> None:
    """Each format goes to stdout, nothing else does, and nothing to stderr."""
    passing = diff("declared.yml", "wider.yml", "--format", form, cwd=folder)
    failing = diff("declared.yml", "broken.yml", "--format", form, cwd=folder)
    assert (passing.returncode, failing.returncode) == (FINE, FINDINGS)
    assert (passing.stderr, failing.stderr) == ("", "")
    assert "c2s-property-required-added" in failing.stdout


@pytest.mark.parametrize(("revision", "code"), [("wider.yml", FINE), ("broken.yml", FINDINGS), ("gone.yml", ERROR)])
def test_a_shell_sees_the_exit_code(folder: Path, revision: str, code: int) -> None:
    """0 fine, 1 findings, 2 error."""
    assert in_a_process("declared.yml", revision, cwd=folder).returncode == code


def test_the_same_documents_are_said_to_be_the_same(folder: Path) -> None:
    """Silence would leave open whether anything was compared."""
    ran = diff("declared.yml", "declared.yml", cwd=folder)
    assert ran.returncode == FINE
    assert "No differences: declared.yml promises what declared.yml does" in ran.stdout


@pytest.mark.parametrize(("fail_on", "code"), [("error", FINE), ("warning", FINE), ("info", FINDINGS), ("none", FINE)])
def test_the_bar_is_where_it_is_put(folder: Path, fail_on: str, code: int) -> None:
    """An optional property more is an info."""
    assert diff("declared.yml", "wider.yml", "--fail-on", fail_on, cwd=folder).returncode == code
    assert diff("declared.yml", "broken.yml", "--fail-on", fail_on, cwd=folder).returncode == (
        FINE if fail_on == "none" else FINDINGS
    )


def test_a_finding_says_where_as_a_compiler_does(folder: Path) -> None:
    """`file:line:column: level: message [rule]`, and an editor finds the place there."""
    ran = diff("declared.yml", "broken.yml", cwd=folder)
    found = re.match(r"(\S+):(\d+):(\d+): error: .* \[c2s-property-required-added\]", ran.stdout)
    assert found is not None
    line = (folder / found[1]).read_text().splitlines()[int(found[2]) - 1]
    assert "room" in line[int(found[3]) - 1 :]


def test_lines_are_not_wrapped_and_not_coloured_where_no_terminal_is(folder: Path) -> None:
    """Also where the environment says how wide a terminal would be."""
    ran = in_a_process("declared.yml", "broken.yml", cwd=folder, COLUMNS="20")
    assert "\x1b" not in ran.stdout
    assert any(len(line) > 60 for line in ran.stdout.splitlines())


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colours_unless_it_does_not_want_them(
    folder: Path, variables: dict[str, str], coloured: bool
) -> None:
    """`NO_COLOR` and a dumb terminal do not."""
    ours, theirs = pty.openpty()
    kept = {key: value for key, value in environment(TERM="xterm").items() if key != "NO_COLOR"}
    subprocess.run(
        [COMMAND, "diff", "declared.yml", "broken.yml"],
        stdout=theirs,
        check=False,
        cwd=folder,
        env={**kept, **variables},
        timeout=60,
    )
    os.close(theirs)
    assert (b"\x1b[" in os.read(ours, 65_536)) is coloured
    os.close(ours)


def test_a_reader_that_has_gone_does_not_make_it_green(folder: Path) -> None:
    """`sio-infer diff … | head` under `pipefail` fails as without."""
    read, write = os.pipe()
    os.close(read)
    command = [str(COMMAND), "diff", "declared.yml", "broken.yml"]
    ran = subprocess.run(
        command, stdout=write, stderr=subprocess.PIPE, check=False, cwd=folder, env=environment(), timeout=60
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (FINDINGS, b"")


def test_several_reports_come_out_of_one_run(folder: Path) -> None:
    """Into files; stdout has the text still."""
    names = {"json": "r.json", "html": "r.html", "junit": "r.xml", "sarif": "r.sarif"}
    wanted = [part for form, name in names.items() for part in ("--report", f"{form}={name}")]
    ran = diff("declared.yml", "broken.yml", *wanted, cwd=folder)
    assert ran.returncode == FINDINGS
    assert ran.stdout.startswith("broken.yml:")
    assert json.loads((folder / "r.json").read_text())["summary"]["error"] == 1
    assert json.loads((folder / "r.sarif").read_text())["version"] == "2.1.0"
    assert ET.parse(folder / "r.xml").getroot().get("failures") == "1"
    assert (folder / "r.html").read_text().startswith("<!DOCTYPE html>")


def test_a_report_may_take_the_place_of_the_text(folder: Path) -> None:
    """`--report FORMAT=-` is stdout, which takes one thing only."""
    ran = diff("declared.yml", "broken.yml", "--report", "github=-", cwd=folder)
    assert ran.stdout.startswith("::error file=broken.yml,line=")
    both = one_line(diff("declared.yml", "broken.yml", "--report", "github=-", "--format", "json", cwd=folder))
    assert "json and github cannot all go to stdout" in both


def test_levels_and_ignores_come_from_the_nearest_configuration(folder: Path) -> None:
    """That of a folder above counts too; the command line counts more."""
    (folder / "sio-infer.toml").write_text(
        '[diff]\nfail-on = "warning"\n[diff.rules]\n"*-property-required-added" = "warning"\n'
    )
    inner = folder / "services" / "chat"
    inner.mkdir(parents=True)
    found = report("../../declared.yml", "../../broken.yml", cwd=inner)
    assert [finding["level"] for finding in found["findings"]] == ["warning"]
    assert found["verdict"]["failed"]
    assert diff("../../declared.yml", "../../broken.yml", "--fail-on", "error", cwd=inner).returncode == FINE
    (inner / "pyproject.toml").write_text('[[tool.sio-infer.diff.ignore]]\nevent = "sa*"\nreason = "known"\n')
    nearer = report("../../declared.yml", "../../broken.yml", cwd=inner)
    assert [(finding["level"], finding["suppressed"]) for finding in nearer["findings"]] == [("error", "known")]
    assert not nearer["verdict"]["failed"]


def test_a_configuration_outside_the_repository_is_not_taken(folder: Path) -> None:
    """The search ends where the repository does; --config names any file."""
    (folder / "sio-infer.toml").write_text('[diff]\nfail-on = "none"\n')
    inner = folder / "repository"
    (inner / ".git").mkdir(parents=True)
    assert diff("../declared.yml", "../broken.yml", cwd=inner).returncode == FINDINGS
    assert diff("../declared.yml", "../broken.yml", "--config", "../sio-infer.toml", cwd=inner).returncode == FINE


def test_the_baseline_of_a_configuration_lies_beside_it(folder: Path) -> None:
    """Wherever below it the command is run."""
    diff("declared.yml", "broken.yml", "--write-baseline", "known.json", cwd=folder)
    (folder / "sio-infer.toml").write_text('[diff]\nbaseline = "known.json"\n')
    inner = folder / "inner"
    inner.mkdir()
    assert diff("../declared.yml", "../broken.yml", cwd=inner).returncode == FINE


def test_a_mistake_in_the_configuration_is_an_error(folder: Path) -> None:
    """A rule that does not exist would else never count."""
    (folder / "sio-infer.toml").write_text('[diff.rules]\nc2s-arg-required-aded = "off"\n')
    assert "did you mean 'c2s-arg-required-added'" in one_line(diff("declared.yml", "broken.yml", cwd=folder))


@pytest.mark.parametrize(("option", "value"), [("--reason", "clients were told"), ("--expires", "2127-01-31")])
def test_what_is_said_of_a_baseline_needs_one_that_is_written(folder: Path, option: str, value: str) -> None:
    """Whoever says so believes that the findings are accepted now."""
    assert f"{option} is of what --write-baseline accepts" in one_line(diff("declared.yml", "broken.yml", option, value, cwd=folder))


def test_a_baseline_from_its_first_day_to_its_last(folder: Path) -> None:
    """Written, it lets what is known pass and nothing else; it names what is stale, and ends when it says so."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
    known = folder / "known.json"
    written = diff(
        "declared.yml",
        "broken.yml",
        "--write-baseline",
        known.name,
        "--reason",
        "clients were told",
        "--expires",
        tomorrow,
        cwd=folder,
    )
    assert written.returncode == FINE
    (entry,) = json.loads(known.read_text())["entries"]
    assert (entry["rule"], entry["reason"], entry["expires"]) == (
        "c2s-property-required-added",
        "clients were told",
        tomorrow,
    )

    again = diff("declared.yml", "broken.yml", "--baseline", known.name, cwd=folder)
    assert again.returncode == FINE
    assert "accepted error" in again.stdout
    assert "(clients were told)" in again.stdout

    (folder / "worse.yml").write_text(BROKEN.replace("at: {type: integer}", "at: {type: string}"))
    assert diff("declared.yml", "worse.yml", "--baseline", known.name, cwd=folder).returncode == FINDINGS

    cured = report("declared.yml", "declared.yml", "--baseline", known.name, cwd=folder)
    assert [stale["fingerprint"] for stale in cured["baseline"]["stale"]] == [entry["fingerprint"]]

    known.write_text(known.read_text().replace(tomorrow, "2020-01-31"))
    ended = diff("declared.yml", "broken.yml", "--baseline", known.name, cwd=folder)
    assert ended.returncode == FINDINGS
    assert "the baseline's entry has ended" in ended.stdout


def test_a_baseline_that_is_not_there_is_an_error(folder: Path) -> None:
    """It would else be as if nothing were known, and a typing mistake would show as findings."""
    assert "known.json: cannot be read" in one_line(
        diff("declared.yml", "broken.yml", "--baseline", "known.json", cwd=folder)
    )


def test_sarif_marks_what_is_accepted(folder: Path) -> None:
    """It is not left out: a code scanner would take it for cured, and open it again later."""
    diff("declared.yml", "broken.yml", "--write-baseline", "known.json", "--reason", "told", cwd=folder)
    log = json.loads(
        diff("declared.yml", "broken.yml", "--baseline", "known.json", "--format", "sarif", cwd=folder).stdout
    )
    assert [result["suppressions"] for result in log["runs"][0]["results"]] == [
        [{"kind": "external", "status": "accepted", "justification": "told"}]
    ]


def test_a_document_is_compared_with_the_one_of_a_commit(folder: Path) -> None:
    """`HEAD:declared.yml`; annotations name the file of the working tree."""
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "declared.yml"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *command], cwd=folder, check=True, timeout=60)
    (folder / "declared.yml").write_text(BROKEN)
    ran = diff("HEAD:declared.yml", "declared.yml", "--format", "github", cwd=folder)
    assert ran.returncode == FINDINGS
    assert ran.stdout.startswith("::error file=declared.yml,line=7,")


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its own signature)
        """Say nothing."""


def test_references_leave_the_machine_only_where_that_is_allowed(folder: Path) -> None:
    """A document that somebody else wrote could else make a build fetch what it likes."""
    (folder / "integer.yml").write_text("type: integer\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            remote = f"http://127.0.0.1:{server.server_port}/integer.yml"
            (folder / "remote.yml").write_text(DECLARED.replace("{type: integer}", f"{{$ref: '{remote}'}}"))
            assert "remote.yml:8:" in one_line(diff("declared.yml", "remote.yml", cwd=folder))
            assert (
                diff("declared.yml", "remote.yml", "--allow-remote", "--fail-on", "info", cwd=folder).returncode == FINE
            )
        finally:
            server.shutdown()


def test_documents_and_captures_by_http(folder: Path) -> None:
    """What stands at an address says which of them it is, whatever its query; nothing else is taken for a commit's."""
    (folder / "chat.har").write_bytes(CHAT.read_bytes())
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            root = f"http://127.0.0.1:{server.server_port}"
            document, capture = f"{root}/declared.yml?token=a*b", f"{root}/chat.har?X-Amz-Signature=a%2Bb"
            assert diff(document, "declared.yml", cwd=folder).returncode == FINE
            report = diff("declared.yml", capture, "--format", "json", cwd=folder).stdout
            assert json.loads(report)["observations"] > 10
            assert "Signature" not in report
            assert "cannot be fetched" in one_line(diff("declared.yml", f"{root}/gone.yml", cwd=folder))
            assert "no such file" in one_line(diff("declared.yml", f"{root}/gone.har", cwd=folder))
        finally:
            server.shutdown()
    for url in ("nobody://captures/chat.har", "nobody://captures/*.har"):
        assert "none in git" not in one_line(diff("declared.yml", url, cwd=folder))


def test_traffic_keeps_to_the_document_that_it_gave(inferred: Path) -> None:
    """Said aloud with how much was held to it, and how much of the document it showed."""
    found = report(inferred, CHAT, "-q", cwd=inferred.parent)
    assert (found["verdict"]["failed"], found["findings"], found["notes"]) == (False, [], [])
    assert found["observations"] > 10
    assert found["coverage"]["covered"] == found["coverage"]["total"]
    assert diff(inferred, CHAT, "--min-coverage", "100", cwd=inferred.parent).returncode == FINE


def test_traffic_that_breaks_the_document_is_shown_with_its_place(inferred: Path, tmp_path: Path) -> None:
    """Recording, entry and frame; kinds of values, and no value unless it was asked for."""
    stricter = tmp_path / "stricter.yml"
    stricter.write_text(inferred.read_text().replace("type: string", "type: boolean"))
    ran = diff(stricter, CHAT, "-q", cwd=tmp_path)
    assert ran.returncode == FINDINGS
    assert re.search(r"at: +\S+chat-first.har entry \d+ frame \d+ \(websocket, 2\d{3}-", ran.stdout)
    spoken = {
        value for finding in report(stricter, CHAT, "-q", cwd=tmp_path)["findings"] for value in [finding["witness"]]
    }
    assert spoken == {None}
    shown = report(stricter, CHAT, "-q", "--show-values", cwd=tmp_path)["findings"]
    assert any(isinstance(finding["witness"]["value"], str) for finding in shown)


def test_coverage_that_is_too_low_fails(inferred: Path, tmp_path: Path) -> None:
    """Whatever else was found; what was not seen is in the tree."""
    wide = tmp_path / "wide.yml"
    wide.write_text(inferred.read_text())
    other = ROOT / "recordings" / "ticker-recovery.har"
    subprocess.run([COMMAND, "-q", CHAT, other, "-o", wide], check=True, env=environment(), timeout=60)
    ran = diff(wide, CHAT, "-q", "--min-coverage", "90", cwd=tmp_path)
    assert ran.returncode == FINDINGS
    assert "not seen" in ran.stdout
    assert re.search(r"failed: coverage \d+ % is below 90 %", ran.stdout)


def test_changes_are_weighed_by_traffic(inferred: Path, tmp_path: Path) -> None:
    """How many of the observed events each would break."""
    revised = tmp_path / "revised.yml"
    revised.write_text(inferred.read_text().replace("add user", "join"))
    found = report(inferred, revised, "--traffic", CHAT, "-q", cwd=tmp_path)
    weights = {finding["rule"]: finding["weight"] for finding in found["findings"]}
    assert weights["c2s-event-removed"] == {"broken": 1, "seen": 1}
    assert found["coverage"] is None


def test_a_patch_makes_the_document_take_the_traffic(inferred: Path, tmp_path: Path) -> None:
    """Applied, nothing is found any more; it goes to stdout in place of the text where it is told to."""
    stricter = tmp_path / "stricter.yml"
    stricter.write_text(inferred.read_text().replace("type: string", "type: boolean").replace("say", "shout"))
    ran = diff(stricter, CHAT, "-q", "--patch", "-", "--report", "json=found.json", cwd=tmp_path)
    assert ran.returncode == FINDINGS
    assert json.loads((tmp_path / "found.json").read_text())["findings"]
    patched = jsonpatch.apply_patch(yaml.safe_load(stricter.read_text()), json.loads(ran.stdout))
    (tmp_path / "patched.json").write_text(json.dumps(patched))
    assert report("patched.json", CHAT, "-q", cwd=tmp_path)["findings"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "document.yml: the document is empty"),
        ("asyncapi: 3.0.0\nchannels: {a: [}\n", "document.yml:2:"),
        ("asyncapi: 3.0.0\na: 1\na: 2\n", "document.yml:3:1: duplicate key 'a' (keep one of the two)"),
        ("openapi: 3.0.0\n", "document.yml:1:1: no AsyncAPI document: it has no key 'asyncapi'"),
        ("asyncapi: 1.2.0\n", "document.yml:1:1: AsyncAPI 1.2.0 is not known"),
        (DECLARED.replace("messages/said'", "messages/saidd'"), "did you mean 'said'?"),
        (DECLARED.replace("{type: integer}", "{$ref: 'https://localhost/x.yml'}"), "allow it with --allow-remote"),
        (DECLARED.replace("{type: integer}", "{$ref: gone.yml}"), "document.yml:8:"),
        (DECLARED.replace("{type: integer}", "{type: int}"), "document.yml:8:"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_document_with_an_error_is_an_error(folder: Path, text: str, said: str, first: bool) -> None:
    """Where, what, and what to do; on whichever side it is, and never green."""
    (folder / "document.yml").write_text(text)
    names = ("document.yml", "declared.yml") if first else ("declared.yml", "document.yml")
    assert said in one_line(diff(*names, cwd=folder))


@pytest.mark.parametrize("content", ['{"log": {"version": "1.2", "entries": []}}', "", "neither fish nor flesh"])
def test_a_capture_without_socket_io_is_never_green(folder: Path, content: str) -> None:
    """Alone, or beside one that has it: a build that records nothing any more must not stay green."""
    (folder / "silent.har").write_text(content)
    one_line(diff("declared.yml", "silent.har", "-q", cwd=folder))
    beside = diff("declared.yml", "silent.har", CHAT, "-q", "--fail-on", "none", cwd=folder)
    assert "silent.har" in one_line(beside)
    assert "c2s-undeclared-event" in beside.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["declared.yml", "wider.yml", "broken.yml"], "broken.yml: a third document"),
        (["declared.yml", "nowhere.har"], "nowhere.har: no such file"),
        (["declared.yml", str(CHAT), "--traffic", str(CHAT)], "--traffic weighs the changes between two documents"),
        ([str(CHAT), "declared.yml"], "the declared document comes first"),
        (["declared.yml", "wider.yml", "--min-coverage", "50"], "--min-coverage needs captures"),
        (["declared.yml", "wider.yml", "--patch", "p.json"], "--patch needs captures"),
        (
            ["declared.yml", str(CHAT), "--min-coverage", "50", "--event", "x"],
            "--min-coverage is of the whole document",
        ),
        (["declared.yml", "wider.yml", "--report", "pdf=x"], "--report takes FORMAT=PATH"),
        (["declared.yml", "wider.yml", "--report", "json"], "--report takes FORMAT=PATH"),
        (["declared.yml", "wider.yml", "--report", "json=no/such/folder/x"], "no/such/folder/x: cannot write"),
        (["declared.yml", "wider.yml", "--expires", "soon"], "--expires takes a day"),
        (["declared.yml", "wider.yml", "--expires", "2020-01-01"], "a day that has passed"),
        (["declared.yml", "wider.yml", "--config", "none.toml"], "none.toml: cannot be read"),
        (["declared.yml", str(CHAT), "--event", "no such event"], "no event found that is wanted"),
        (["declared.yml", str(CHAT), "--host", "elsewhere"], "check --host and --path"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(folder: Path, arguments: list[str], said: str) -> None:
    """And ends with 2."""
    assert said in one_line(diff(*arguments, "-q", cwd=folder))


def test_a_saved_catalog_cannot_be_held_to_a_document(folder: Path) -> None:
    """It has no values any more."""
    subprocess.run(
        [COMMAND, "-q", CHAT, "--state", "chat.sio", "-o", "x.yml"],
        check=True,
        cwd=folder,
        env=environment(),
        timeout=60,
    )
    assert "chat.sio: a saved catalog has no values" in one_line(diff("declared.yml", "chat.sio", cwd=folder))


def test_each_capture_must_show_something(inferred: Path, tmp_path: Path) -> None:
    """One without Socket.IO traffic is no green one, whatever others are called; where a filter is given it may have none that is wanted."""
    (tmp_path / "day.har").write_text(json.dumps({"log": {"entries": [{"request": {"url": "http://a.example/"}, "response": {"status": 200}}]}}))
    (tmp_path / "day.har-2.har").write_bytes(CHAT.read_bytes())
    with zipfile.ZipFile(tmp_path / "days.zip", "w") as archive:
        archive.write(CHAT, "day.har")
    for other in ("day.har-2.har", "days.zip"):
        ran = diff(inferred, "day.har", other, "-q", cwd=tmp_path)
        assert one_line(ran) == "sio-infer: error: day.har: no Socket.IO traffic found in this capture (leave it out, or record it again)"
        assert diff(inferred, "day.har", other, "-q", "--host", "localhost", cwd=tmp_path).returncode == FINE


def strings(value: Any) -> Iterator[str]:
    """The strings in a value, its keys apart: they are names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def spoken(path: Path) -> set[str]:
    """The strings that were sent as values in a recording, those that a name is made of apart."""
    values: set[str] = set()
    names: set[str] = set()

    def listen(seen: Observation) -> None:
        if isinstance(seen, Event):
            names.add(seen.name)
            values.update(strings(seen.args))
            values.update(strings(seen.ack))
        elif isinstance(seen, Connect):
            values.update(strings(seen.auth))
            values.update(strings(seen.error))

    run([str(path)], Options(observer=listen))
    times = re.compile(r"\d{4}-\d\d-\d\dT")  # one may be that of the frame, which is shown
    return {
        value
        for value in values
        if len(value) >= 6 and not times.match(value) and not any(value in name for name in names)
    }


@pytest.mark.parametrize("name", ["chat-first.har", "orders.har", "legacy-polling.har.gz", "office.cdp.jsonl"])
def test_no_report_holds_a_value_from_traffic(tmp_path: Path, name: str) -> None:
    """Whatever format: a document that every value breaks makes a report of shapes; with --show-values there are some."""
    recording = ROOT / "recordings" / name
    subprocess.run(
        [COMMAND, "-q", "--no-values", recording, "-o", "it.yml"],
        check=True,
        cwd=tmp_path,
        env=environment(),
        timeout=60,
    )
    text = (tmp_path / "it.yml").read_text()
    (tmp_path / "wrong.yml").write_text(re.sub(r"type: (string|integer|number|array)\b", "type: boolean", text))
    wanted = [part for form in FORMATS for part in ("--report", f"{form}=r.{form}")]
    sent = spoken(recording)
    assert len(sent) >= 3
    found = {}
    for shown in (False, True):
        diff("wrong.yml", recording, "-q", *wanted, *(["--show-values"] if shown else []), cwd=tmp_path)
        reports = {form: (tmp_path / f"r.{form}").read_text() for form in FORMATS}
        assert json.loads(reports["json"])["findings"]
        found[shown] = {(form, value) for form, report in reports.items() for value in sent if value in report}
    assert not found[False]
    assert found[True]


@pytest.mark.parametrize("what", ["changes", "traffic"])
def test_the_reports_of_a_real_run_are_valid(inferred: Path, tmp_path: Path, what: str) -> None:
    """By the schemas of their formats, with findings of many kinds in them; all say the same."""
    orders = ROOT / "recordings" / "orders.har"
    other = tmp_path / "orders.yml"
    subprocess.run([COMMAND, "-q", orders, "-o", other], check=True, env=environment(), timeout=60)
    wanted = [part for form in FORMATS for part in ("--report", f"{form}=r.{form}")]
    given = [inferred, other, "--traffic", CHAT] if what == "changes" else [inferred, orders]
    assert diff(*given, "-q", *wanted, cwd=tmp_path).returncode == FINDINGS
    texts = {form: (tmp_path / f"r.{form}").read_text() for form in FORMATS}
    made = json.loads(texts["json"])
    own_schema().validate(made)
    sarif_schema().validate(json.loads(texts["sarif"]))
    junit_schema().validate(io.BytesIO(texts["junit"].encode()))
    count = len(made["findings"])
    assert count > 5
    assert len(json.loads(texts["sarif"])["runs"][0]["results"]) == count
    assert len(json.loads(texts["gitlab"])) == count
    assert len(ET.fromstring(texts["junit"]).findall(".//testcase")) == count
    assert len(re.findall(r"^::(?:error|warning|notice) file=", texts["github"], flags=re.MULTILINE)) == count
    assert len(re.findall(r'<li class="[a-z]+" data-kind=', texts["html"])) == count
    assert len(re.findall(r"^\S+:\d+:\d+: (?:error|warning|info): ", texts["text"], flags=re.MULTILINE)) == count


@pytest.mark.parametrize(
    ("which", "there", "absent"), [("diff", "enum-value-added", "nullable"), ("schema", "nullable", "enum-value-added")]
)
def test_the_rules_are_listed(which: str, there: str, absent: str) -> None:
    """Those of a diff with the level for either direction, as the table has them."""
    listed = subprocess.run(
        [COMMAND, "rules", which], capture_output=True, check=True, env=environment(), timeout=60, text=True
    ).stdout
    assert re.search(rf"^{there}\b", listed, flags=re.MULTILINE)
    assert not re.search(rf"^{absent}\b", listed, flags=re.MULTILINE)
    if which == "diff":
        rows = [line.split() for line in listed.splitlines()]
        for kind in KINDS.values():
            levels = ["-" if level is None else level.value for level in (kind.c2s, kind.s2c, kind.any)]
            assert [kind.name, *levels, *kind.title.split()] in rows


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for documents that are written again and again."""
    return tmp_path_factory.mktemp("workshop")


ODD: Final = (
    "null", "[]", "{}", "true", "-1", ".nan", "1e999", "'", "- x", "<<: {}", "&a [*a]", "!!binary x", "{$ref: '#'}", "{$ref: '#/'}",
    "{oneOf: []}", "{type: []}", "{enum: []}", "{pattern: '('}", "{not: {}}", "{items: false}", "{required: x}", "{multipleOf: 0}",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    line=st.integers(0, DECLARED.count("\n") - 1),
    odd=st.sampled_from(ODD),
    how=st.sampled_from(["value", "line", "drop", "inside"]),
)
def test_no_document_is_too_odd(workshop: Path, line: int, odd: str, how: str) -> None:
    """A document with anything anywhere is compared or refused, on either side; it never ends in a failure of ours."""
    lines = DECLARED.splitlines()
    before, after = lines[line].split(":", 1)[0], lines[line]
    lines[line] = {
        "value": f"{before}: {odd}",
        "line": odd,
        "drop": "",
        "inside": re.sub(r"\{[^{}]*\}", odd, after, count=1),
    }[how]
    (workshop / "declared.yml").write_text(DECLARED)
    (workshop / "odd.yml").write_text("\n".join(lines))
    for names in (("declared.yml", "odd.yml"), ("odd.yml", "declared.yml")):
        ran = diff(*names, cwd=workshop)
        if ran.returncode == ERROR:
            assert "odd.yml" in one_line(ran)
