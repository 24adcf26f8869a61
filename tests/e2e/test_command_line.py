"""The command as a person meets it: what goes where, what it says, and what it ends with."""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.e2e.commands import COMMAND, environment
from tests.e2e.processes import ROOT

RECORDINGS: Final = ROOT / "recordings"
CHAT: Final = RECORDINGS / "chat-first.har"
FINE, FINDINGS, ERROR = 0, 1, 2


def run(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [COMMAND, *arguments], input=stdin, capture_output=True, check=False, cwd=cwd, env=environment(**variables), timeout=60
    )


def one_line(ran: subprocess.CompletedProcess[bytes]) -> str:
    """The one line of an error."""
    assert ran.returncode == ERROR
    assert ran.stdout == b""
    lines = [line for line in ran.stderr.decode().splitlines() if line.startswith("sio-infer: error: ")]
    assert len(lines) == 1
    assert "Traceback" not in ran.stderr.decode()
    return lines[0]


def test_stdout_is_the_document_and_stderr_the_summary() -> None:
    """Nothing else on either; no colours where no terminal is."""
    ran = run(CHAT)
    assert ran.returncode == FINE
    assert yaml.safe_load(ran.stdout)["asyncapi"] == "3.0.0"
    said = ran.stderr.decode()
    assert said.startswith("1 capture: 1 session, 22 packets")
    assert "\x1b" not in said
    assert run(CHAT, "--quiet").stderr == b""


def test_default_command() -> None:
    """`sio-infer FILES` is `sio-infer infer FILES`."""
    assert run(CHAT).stdout == run("infer", CHAT).stdout


def test_a_file_may_be_called_nearly_as_a_command(tmp_path: Path) -> None:
    """What is there is read."""
    (tmp_path / "record").write_bytes(CHAT.read_bytes())
    (tmp_path / "sumary").write_bytes(CHAT.read_bytes())
    assert run("-q", "record", cwd=tmp_path).stdout == run("sumary", cwd=tmp_path).stdout == run(CHAT).stdout


def test_standard_input() -> None:
    """`-` is a capture, or a state."""
    assert run("-", stdin=CHAT.read_bytes()).stdout == run(CHAT).stdout


@pytest.mark.parametrize("command", [["types"], ["docs"], ["diff", CHAT], ["update", CHAT, "--check"]], ids=lambda command: command[0])
def test_a_document_on_standard_input(tmp_path: Path, command: list[str | Path]) -> None:
    """As one in a file, save for its name."""
    document = tmp_path / "chat.yml"
    document.write_bytes(run(CHAT).stdout)
    name, *more = command
    piped, read = run(name, "-", *more, stdin=document.read_bytes()), run(name, document, *more)
    assert piped.returncode == read.returncode == FINE
    assert piped.stdout == read.stdout.replace(str(document).encode(), b"-")
    assert one_line(run(name, "-", *more)).startswith("sio-infer: error: -: ")


def test_a_revision_on_standard_input(tmp_path: Path) -> None:
    """What stands there is told from a capture."""
    document = run(CHAT).stdout
    (tmp_path / "chat.yml").write_bytes(document)
    ran = run("diff", "chat.yml", "-", stdin=document.replace(b"name: login", b"name: logon"), cwd=tmp_path)
    assert ran.returncode == FINDINGS
    assert "the event is gone" in ran.stdout.decode()
    assert run("diff", "chat.yml", "-", stdin=CHAT.read_bytes(), cwd=tmp_path).returncode == FINE


def test_a_merged_state_on_standard_output(tmp_path: Path) -> None:
    """It can be piped to where a state is read; what is no artefact goes to no file called `-`."""
    state = tmp_path / "chat.sio"
    document = run(CHAT, "--state", state).stdout
    merged = run("merge", state, "-o", "-", cwd=tmp_path)
    assert merged.returncode == FINE
    assert run("-", stdin=merged.stdout).stdout == document
    (tmp_path / "chat.yml").write_bytes(document)
    for ran in (run(CHAT, "--state", "-", cwd=tmp_path), run("diff", "chat.yml", CHAT, "--write-baseline", "-", cwd=tmp_path)):
        assert "-: cannot be written to standard output" in one_line(ran)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chat.sio", "chat.yml"]


def test_state_is_accepted_where_a_capture_is(tmp_path: Path) -> None:
    """Saved, read back from a file and from standard input: the same document."""
    state = tmp_path / "chat.sio"
    document = run(CHAT, "--state", state).stdout
    assert run(state).stdout == document
    assert run("-", stdin=state.read_bytes()).stdout == document
    assert state.stat().st_mode & 0o777 == 0o600


def test_a_merged_state_among_those_it_was_made_of_is_told(tmp_path: Path) -> None:
    """A glob that takes the output in counts the others twice, which going on with a merged state is told from by nobody but its owner."""
    for name in ("one", "two"):
        run(CHAT, "--state", tmp_path / f"{name}.sio")
    for again in (False, True):
        ran = shell(f"cd {tmp_path} && $it merge *.sio -o ./all.sio")
        assert ran.returncode == FINE
        assert (b"all.sio: is written over and was read, too" in ran.stderr) == again
    assert b"2 states merged" in run("merge", "one.sio", "two.sio", "-o", "all.sio", cwd=tmp_path).stderr


@pytest.mark.parametrize("version", ["3.0.0", "3.1.0", "2.6.0"])
def test_versions_and_formats(version: str) -> None:
    """Both syntaxes say the same."""
    as_json = json.loads(run(CHAT, "--asyncapi", version, "--format", "json").stdout)
    assert as_json["asyncapi"] == version
    assert yaml.safe_load(run(CHAT, "--asyncapi", version).stdout) == as_json


def test_perspective_turns_the_document_round() -> None:
    """What the server receives, the client sends."""
    server = json.loads(run(CHAT, "--format", "json").stdout)
    client = json.loads(run(CHAT, "--format", "json", "--perspective", "client").stdout)

    def sent(document: dict[str, Any]) -> set[str]:
        return {operation["title"] for operation in document["operations"].values() if operation["action"] == "send"}

    assert "add user" in sent(client)
    assert "add user" not in sent(server)
    assert "login" in sent(server)
    assert "login" not in sent(client)


def test_title_version_and_server() -> None:
    """What traffic cannot tell is given."""
    ran = run(CHAT, "--title", "Chat", "--api-version", "2.1.0", "--server", "production=https://chat.example.com/rt/", "--format", "json")
    document = json.loads(ran.stdout)
    assert document["info"]["title"] == "Chat"
    assert document["info"]["version"] == "2.1.0"
    assert document["servers"] == {
        "production": {"host": "chat.example.com", "pathname": "/rt/", "protocol": "wss", "protocolVersion": "5"}
    }


def test_filters() -> None:
    """Globs over hosts, namespaces and events."""
    office = RECORDINGS / "office.cdp.jsonl"
    every = json.loads(run(office, "--format", "json").stdout)
    admin = json.loads(run(office, "--format", "json", "--namespace", "/ad*").stdout)
    assert len(every["channels"]) == 2
    assert [channel["address"] for channel in admin["channels"].values()] == ["/admin"]
    typing = json.loads(run(CHAT, "--format", "json", "--event", "*typing").stdout)
    assert {operation["title"] for operation in typing["operations"].values()} == {"typing", "stop typing"}
    assert run(CHAT, "--host", "localhost").stdout == run(CHAT).stdout == run(CHAT, "--host", "LOCAL*:4101").stdout
    assert run(CHAT, "--path", "/socket.io").stdout == run(CHAT).stdout


def test_inspect_shows_what_can_be_read(tmp_path: Path) -> None:
    """Beside captures that cannot be, which it names; limits hold for it, too."""
    for name in ("notes.txt", "more.txt"):
        (tmp_path / name).write_text("nothing")
    ran = run("inspect", CHAT, "notes.txt", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (FINE, run("inspect", CHAT).stdout)
    assert ran.stderr.decode().startswith("not read: notes.txt: is no capture that is known")
    none = run("inspect", "notes.txt", "more.txt", cwd=tmp_path)
    assert (none.returncode, none.stdout) == (ERROR, b"")
    assert [line.split(": ")[2] for line in none.stderr.decode().splitlines()] == ["notes.txt", "more.txt"]
    (tmp_path / "chat.har.gz").write_bytes(gzip.compress(CHAT.read_bytes()))
    assert "unpacks to more than 1000 bytes" in one_line(run("inspect", "chat.har.gz", "--limit", "unpacked_bytes=1000", cwd=tmp_path))


def test_an_address_with_a_signature_is_not_told(tmp_path: Path) -> None:
    """Where a saved state stands there that is damaged, or is not what the command takes."""
    run(CHAT, "--state", tmp_path / "chat.sio", "-o", tmp_path / "chat.yml")
    (tmp_path / "damaged.sio").write_bytes((tmp_path / "chat.sio").read_bytes()[:-1])
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        whole, damaged = (f"http://127.0.0.1:{server.server_port}/{name}.sio?signature=opensesame" for name in ("chat", "damaged"))
        for arguments in (
            [damaged], ["merge", damaged, "-o", "all.sio"], ["diff", "chat.yml", whole], ["update", "chat.yml", whole], ["mock", "--replay", whole]
        ):  # fmt: skip
            line = one_line(run(*arguments, cwd=tmp_path))
            assert "sesame" not in line
            assert ".sio?…" in line
        server.shutdown()


def test_nothing_is_found() -> None:
    """What was seen and the likely reason; never an empty document."""
    filtered = one_line(run(CHAT, "--host", "example.com"))
    assert "localhost:4101/socket.io/" in filtered
    assert "--host" in filtered
    page = one_line(run(CHAT, "--path", "/other/"))
    assert "localhost:4101/socket.io/" in page
    for command in ([], ["summary"], ["types"]):
        event = one_line(run(*command, CHAT, "--event", "zzz"))
        assert "no event found that is wanted" in event
        assert "--event" in event


def test_a_namespace_without_a_wanted_event_is_not_called_without_events() -> None:
    """The filter left them out, which the document cannot know."""
    office = json.loads(run(RECORDINGS / "office.cdp.jsonl", "--format", "json", "--event", "audit*").stdout)
    without = [channel for channel in office["channels"].values() if not channel.get("messages")]
    assert [channel["description"] for channel in without] == ["Connected to; no event of it is described here."]


def test_nothing_is_found_without_messages(tmp_path: Path) -> None:
    """A recorder that keeps no WebSocket messages is named, with those that do."""
    document = json.loads(CHAT.read_text(encoding="utf-8"))
    document["log"]["entries"] = [entry for entry in document["log"]["entries"] if "_webSocketMessages" in entry]
    for entry in document["log"]["entries"]:
        del entry["_webSocketMessages"]
    (tmp_path / "firefox.har").write_text(json.dumps(document))
    line = one_line(run(tmp_path / "firefox.har"))
    assert "without their messages" in line
    assert "Chrome" in line


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["absent.har"], "absent.har: no such file"),
        (["*.nothing"], "no file matches"),
        ([""], "a file's name is empty"),
        (["diff", "document.yml", ""], "a file's name is empty"),
        ([CHAT, "--server", "a=https://one.example", "--server", "a=https://two.example"], "a: --server names two servers alike"),
        (["sumary", CHAT], "sumary: neither a command nor a file (did you mean sio-infer summary?)"),
        (["-q", "summary", CHAT], "summary: no such file; as a command's name it stands before all options"),
        (["empty"], "no capture in this folder"),
        (["notes.txt"], "notes.txt: is no capture that is known"),
        (["nothing.har"], "it is empty"),
        ([CHAT, "-o", "absent/out.yml"], "absent/out.yml: cannot write"),
        ([CHAT, "--parser", "nonsense"], "known: auto"),
        ([CHAT, "--no-rule", "nonsense"], "known: "),
        ([CHAT, "--server", "nonsense"], "NAME=URL"),
        ([CHAT, "--scheduler", "tcp://head:8786"], "tcp://head:8786: --scheduler is for --engine dask"),
        ([CHAT, "--engine", "dask", "--scheduler", "tcp://head:8786", "--jobs", "4"], "4: --jobs is for --engine local"),
    ],
)
def test_errors_are_one_line(tmp_path: Path, arguments: list[str | Path], says: str) -> None:
    """With the place and a hint, and exit 2."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("nothing")
    (tmp_path / "nothing.har").write_text("")
    (tmp_path / "document.yml").write_text("asyncapi: 3.0.0\ninfo: {title: t, version: '1'}\n")
    assert says in one_line(run(*arguments, cwd=tmp_path))


@pytest.mark.parametrize(("command", "choice"), [("types", "--host"), ("types", "--path"), ("docs", "--host"), ("docs", "--event")])
def test_what_chooses_among_traffic_is_refused_for_a_document(command: str, choice: str) -> None:
    """It would be ignored: a document's namespaces are told apart by their names alone, and a page shows all of it."""
    ran = run(command, ROOT / "tests/real/asynction/contract.yml", choice, "a")
    assert ran.returncode == 2
    assert f"{choice} cannot choose within a document" in one_line(ran)


def test_an_output_is_never_half_written(tmp_path: Path) -> None:
    """Where the run fails, the previous document stays; where it cannot be replaced, too."""
    output = tmp_path / "asyncapi.yml"
    output.write_text("previous")
    one_line(run("absent.har", "-o", output))
    assert output.read_text() == "previous"
    assert run(CHAT, "-o", output).returncode == FINE
    assert output.read_bytes() == run(CHAT).stdout
    assert [path.name for path in tmp_path.iterdir()] == ["asyncapi.yml"]


def test_one_bad_file_among_good_ones(tmp_path: Path) -> None:
    """The good ones are read, the bad one is named; --strict makes it fail."""
    bad = tmp_path / "bad.har"
    bad.write_text("nothing")
    ran = run(bad, CHAT)
    assert ran.returncode == FINE
    assert ran.stdout == run(CHAT).stdout
    assert f"not read: {bad}" in ran.stderr.decode()
    assert run(bad, CHAT, "--strict").returncode == ERROR
    assert run(CHAT, "--strict").returncode == FINE


def test_a_truncated_capture_keeps_what_was_readable(tmp_path: Path) -> None:
    """One line with file and place under -v, a count without."""
    cut = tmp_path / "cut.har"
    cut.write_bytes(CHAT.read_bytes()[:-3_000])
    ran = run(cut, "-v")
    assert ran.returncode == FINE
    assert re.search(r"cut\.har entry \d+: capture-truncated: the HAR ends early, at byte \d+", ran.stderr.decode())
    assert "1 × capture-truncated" in run(cut).stderr.decode()
    assert run(cut, "--strict").returncode == ERROR


def test_wire_diagnostics_have_their_origin(tmp_path: Path) -> None:
    """No packet, an acknowledgement without event, attachments that never come, placeholders that point nowhere."""
    document = json.loads(CHAT.read_text(encoding="utf-8"))
    (socket,) = (entry for entry in document["log"]["entries"] if "_webSocketMessages" in entry)
    number = document["log"]["entries"].index(socket)
    messages = socket["_webSocketMessages"]
    bad = ["junk", "4939", "4377[1]", '451-["file",{"_placeholder":true,"num":5}]']
    begin = len(messages)
    for data in bad:
        messages.append({"type": "send", "time": messages[-1]["time"] + 1, "opcode": 1, "data": data})
    messages.append({"type": "send", "time": messages[-1]["time"] + 1, "opcode": 2, "data": "AAEC"})
    messages.append({"type": "send", "time": messages[-1]["time"] + 1, "opcode": 1, "data": '452-["never",{"_placeholder":true,"num":0}]'})
    path = tmp_path / "odd.har"
    path.write_text(json.dumps(document))
    ran = run(path, "-v")
    assert ran.returncode == FINE
    said = ran.stderr.decode()
    for offset, code in enumerate(["packet-invalid", "packet-invalid", "ack-without-event"]):
        assert re.search(rf"odd\.har entry {number} frame {begin + offset}: {code}", said), (code, said)
    assert f"odd.har entry {number} frame {begin + 3}: placeholder-invalid" in said
    assert f"odd.har entry {number} frame {begin + 5}: attachment-missing" in said


def test_version_and_help_of_every_command() -> None:
    """Every command has help with examples."""
    assert re.fullmatch(rb"sio-infer \d+\.\d+\.\d+\n", run("--version").stdout)
    listed = run("--help", COLUMNS="200").stdout.decode()
    commands = re.findall(r"^  ([a-z]+)  ", listed.partition("Commands:")[2], re.MULTILINE)
    assert {"infer", "inspect", "merge", "rules", "addon"} <= set(commands)
    for command in commands:
        ran = run(command, "--help")
        assert ran.returncode == FINE
        assert f"sio-infer{'' if command == 'infer' else ' ' + command}" in ran.stdout.decode().partition("Examples:")[2], command


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    """The shell is told of commands and options."""
    ran = run(
        _SIO_INFER_COMPLETE=f"complete_{shell}",
        _TYPER_COMPLETE_ARGS="sio-infer insp",
        COMP_WORDS="sio-infer insp",
        COMP_CWORD="1",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )
    assert "inspect" in ran.stdout.decode()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("sio-infer --format ", {"yaml", "json"}),
        ("sio-infer chat.har --asy", {"--asyncapi"}),
        ("sio-infer --asy", {"--asyncapi"}),
        ("sio-infer --vers", {"--version"}),
        ("sio-infer diff --fail-on ", {"error", "warning", "info", "none"}),
        ("sio-infer chat.har ", set()),
    ],
)
def test_completion_knows_the_default_command(line: str, offered: set[str]) -> None:
    """What `infer` takes is offered where no command is named."""
    ran = run(_SIO_INFER_COMPLETE="complete_fish", _TYPER_COMPLETE_ARGS=line, _TYPER_COMPLETE_FISH_ACTION="get-args")
    assert {each.partition("\t")[0] for each in ran.stdout.decode().splitlines() if each} == offered


def test_no_colour_and_no_traceback_on_a_closed_pipe() -> None:
    """`sio-infer … | head` ends quietly."""
    ran = subprocess.run(
        f"{COMMAND} {CHAT} | head -n 1", shell=True, capture_output=True, check=False, env=environment(), timeout=60
    )
    assert ran.stdout == b"asyncapi: 3.0.0\n"
    assert b"Traceback" not in ran.stderr
    assert b"Error" not in ran.stderr


def shell(line: str) -> subprocess.CompletedProcess[bytes]:
    """A line of a shell's, in which `$it` is the command."""
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, check=False, env=environment(it=str(COMMAND), chat=str(CHAT)), timeout=60
    )


FULL: Final = "cannot write stdout: No space left on device"


@pytest.mark.parametrize("arguments", ["$chat", "inspect $chat", "summary $chat", "diff {document} $chat", "rules", "--help", "--version", "diff -h"])
def test_a_full_disk_at_stdout_is_one_line(tmp_path: Path, arguments: str) -> None:
    """Whatever writes there; and exit 2, so that nobody takes the part for the whole."""
    document = tmp_path / "chat.yml"
    document.write_bytes(run(CHAT).stdout)
    ran = shell(f"$it {arguments.format(document=document)} > /dev/full")
    assert FULL in one_line(ran)


def test_a_closed_stream_is_one_line(tmp_path: Path) -> None:
    """In the system's words; streams that nobody needs may be closed."""
    assert "cannot write stdout: Bad file descriptor" in one_line(shell("$it $chat >&-"))
    for command in ("", "types", "docs"):
        assert "-: cannot read: Bad file descriptor" in one_line(shell(f"$it {command} - <&-"))
    output = tmp_path / "chat.yml"
    assert shell(f"$it $chat -o {output} <&- >&- 2>&-").returncode == FINE
    assert output.read_bytes() == run(CHAT).stdout


@pytest.mark.parametrize("stderr", ["2>/dev/full", "2>&-", "2> >(true)"])
def test_what_cannot_be_said_changes_no_exit_code(tmp_path: Path, stderr: str) -> None:
    """Nor what is written: 1 means findings."""
    document = tmp_path / "chat.yml"
    document.write_bytes(run(CHAT).stdout)
    assert shell(f"$it diff {document} $chat {stderr}").returncode == FINE
    assert shell(f"$it diff {document} $chat --min-coverage 100 --event login {stderr}").returncode == ERROR
    assert shell(f"$it --nonsense {stderr}").returncode == ERROR
    inferred = shell(f"$it $chat {stderr}")
    assert inferred.returncode == FINE
    assert inferred.stdout == document.read_bytes()
    document.write_text(document.read_text().replace("const: login", "const: logout").replace("name: login", "name: logout"))
    assert shell(f"$it diff {document} $chat {stderr}").returncode == FINDINGS


def test_a_pipe_by_name_is_told_to_come_on_standard_input(tmp_path: Path) -> None:
    """As a shell's `<(...)` makes one: what a file is, is looked at before it is read."""
    os.mkfifo(tmp_path / "pipe")
    for line in ("$it <(cat $chat)", f"$it inspect {tmp_path / 'pipe'}", f"$it summary $chat {tmp_path / 'pipe'}"):
        said = one_line(shell(line))
        assert "is a pipe, which can be read but once (give it as standard input" in said


def test_progress_is_for_terminals(tmp_path: Path) -> None:
    """On a terminal's stderr there is a bar while long work goes on; stdout stays the document."""
    leader, follower = pty.openpty()
    output = tmp_path / "out.yml"
    with output.open("wb") as stdout:
        process = subprocess.Popen([COMMAND, *sorted(RECORDINGS.glob("*.har"))], stdout=stdout, stderr=follower, env=environment(TERM="xterm"))
    os.close(follower)
    said = b""
    while True:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        said += chunk
    os.close(leader)
    assert process.wait(60) == FINE
    assert b"reading" in said
    assert yaml.safe_load(output.read_bytes())["asyncapi"] == "3.0.0"


def test_as_a_module() -> None:
    """`python -m infer` is the same command."""
    ran = subprocess.run([sys.executable, "-m", "infer", CHAT], capture_output=True, check=True, env=environment(), cwd=ROOT, timeout=60)
    assert ran.stdout == run(CHAT).stdout
