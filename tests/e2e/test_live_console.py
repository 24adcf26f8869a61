"""The addon in mitmweb, as a person uses it there: commands, comments on flows, the content view, changed options."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.e2e.live import ADDON, SERVERS, command, inferred, run, serving, until
from tests.e2e.processes import free_ports, mitmdump, reverse, running
from tests.requires import requires

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "password-of-the-test"
TOKEN = "0123456789abcdef0123456789abcdef"
"""Against forgeries: what cookie and header must both have."""


class Web:
    """mitmweb's own interface, by HTTP."""

    def __init__(self, port: int, proxy: int, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.proxy = f"http://127.0.0.1:{proxy}"
        self.folder = folder
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Any:
        """What it answers."""
        return self._call(urllib.request.Request(f"{self.url}{path}"))

    def command(self, name: str, *arguments: str) -> Any:
        """A command's value, or its error."""
        answer = self._send("POST", f"/commands/{name}", {"arguments": arguments})
        return answer["value"] if "value" in answer else answer["error"]

    def set(self, **options: Any) -> int:
        """Change options; the HTTP status."""
        try:
            self._send("PUT", "/options", options)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        return 200

    def _send(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        request.add_header("X-XSRFToken", TOKEN)
        request.add_header("Cookie", f"_xsrf={TOKEN}; _mitmproxy_xsrf={TOKEN}")  # of mitmproxy 11, and of 12
        return self._call(request)

    def _call(self, request: urllib.request.Request) -> Any:
        request.add_header("Authorization", f"Bearer {PASSWORD}")
        with self._opener.open(request, timeout=20) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A mitmweb with the addon, which holds the traffic to a contract that lacks an event; clients have spoken."""
    requires("node")
    folder = tmp_path_factory.mktemp("web")
    with serving(SERVERS[:1]) as (server,):
        listen, port = free_ports(2)
        declared = folder / "declared.yml"
        _declare(folder, server, declared)
        argv = mitmdump(*reverse((listen, server)), "-s", ADDON, confdir=folder)
        argv[0] = argv[0].replace("mitmdump", "mitmweb")
        argv.remove("--quiet")
        settings = {
            "web_port": port, "web_open_browser": "false", "web_password": PASSWORD, "sio_infer_declared": declared,
            "sio_infer_output": folder / "live.yml", "sio_infer_checkpoint": 1,
        }  # fmt: skip
        sets = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        if not _has_option("web_password", argv[0]):
            del sets[sets.index(f"web_password={PASSWORD}") - 1 : sets.index(f"web_password={PASSWORD}") + 1]
        with running([*argv, *sets], listening=[listen, port], cwd=folder):
            made = Web(port, listen, folder)
            run(command("live_client.js", "", made.proxy))
            yield made


def _has_option(name: str, program: str) -> bool:
    with running([program, "--options"]) as asked:
        return name in asked.wait()


def _declare(folder: Path, server: int, declared: Path) -> None:
    """What the addon itself infers, without the event `store`."""
    from tests.e2e.live import reversed_  # noqa: PLC0415

    first = folder / "first"
    first.mkdir()
    with reversed_(first, [server]) as proxy:
        run(command("live_client.js", "", f"http://127.0.0.1:{proxy.ports[0]}"))
        proxy.stop()
    document = yaml.safe_load(inferred(proxy.flows))
    key = next(key for key, each in document["operations"].items() if each["title"] == "store")
    del document["operations"][key]
    declared.write_text(yaml.safe_dump(document))


def test_summary(web: Web) -> None:
    """What was recorded so far, at once."""
    lines = web.command("sio.summary")
    assert "9 kinds of event in 2 namespaces of 1 server" in lines[0]


def test_save(web: Web) -> None:
    """The document, and the state, which gives the same document."""
    assert web.command("sio.save", str(web.folder / "now.yml")) == [f"saved 9 kinds of event to {web.folder / 'now.yml'}"]
    web.command("sio.save", str(web.folder / "now.sio"))
    assert inferred(web.folder / "now.sio") == (web.folder / "now.yml").read_bytes()
    assert "cannot write" in web.command("sio.save", "/nowhere/at/all.yml")


def test_diff(web: Web) -> None:
    """What did not keep to the declared contract, with its count."""
    head, *lines = web.command("sio.diff")
    assert "1 kind of traffic is not as declared" in head
    assert len(lines) == 1
    assert lines[0].startswith("1 × ")
    assert "store" in lines[0]
    assert "undeclared-event" in lines[0]


def test_flows_that_violate_are_marked(web: Web) -> None:
    """The flow that carried the event has a marker and a comment; others have none."""
    until(lambda: any(flow["marked"] for flow in web.get("/flows")))
    flows = web.get("/flows")
    marked = [flow for flow in flows if flow["marked"]]
    assert len(marked) == 1 < len(flows)
    assert "store" in marked[0]["comment"]


def test_content_view_is_there(web: Web) -> None:
    """Bodies and messages are shown by it without asking."""
    flows = web.get("/flows")
    opening = next(flow for flow in flows if "sid=" not in flow["request"]["path"])
    assert _text(web.get(f"/flows/{opening['id']}/response/content/auto.json")).startswith("# open")
    socket = next(flow for flow in flows if flow.get("websocket") and flow["websocket"]["messages_meta"]["count"] > 8)
    shown = "\n".join(_text(each) for each in web.get(f"/flows/{socket['id']}/messages/content/auto.json"))
    assert '# ack / of "say" (id 0, ' in shown
    assert '# binary event / "store" (attachments of 4 bytes)' in shown


def _text(content: dict[str, Any]) -> str:
    """As text, in the form of mitmproxy 11 (lines of styled parts) or of 12."""
    if "text" in content:
        return str(content["text"])
    return "\n".join("".join(str(part) for _, part in line) for line in content["lines"])


def test_options_change_meanwhile(web: Web) -> None:
    """A good one takes effect with the next writing; a bad one is refused, and all goes on."""
    assert web.set(sio_infer_output=str(web.folder / "other.json"), sio_infer_format="json") == 200
    until((web.folder / "other.json").exists)
    assert json.loads((web.folder / "other.json").read_text())["asyncapi"] == "3.0.0"
    assert web.set(sio_infer_checkpoint=0) == 400
    assert "9 kinds of event" in web.command("sio.summary")[0]


def test_reset_comes_last(web: Web) -> None:
    """Then nothing is known, and what follows is counted anew."""
    web.command("sio.reset")
    assert "0 kinds of event" in web.command("sio.summary")[0]
    run(command("live_client.js", "", web.proxy))
    assert "9 kinds of event" in web.command("sio.summary")[0]
