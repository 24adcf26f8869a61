"""Settings are the command line's flags, as mitmproxy's options."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest
from typer.main import get_command

from infer.errors import UsageError
from infer.live.settings import PREFIX, Settings, options, settings_of

OWN = {"declared", "checkpoint", "expire", "queue", "trim"}
"""Settings that only make sense live."""
ELSEWHERE = {"files", "help", "strict", "verbose", "quiet"}
"""Flags that only make sense for files."""


def test_options_have_the_names_of_the_flags() -> None:
    """Every flag of `sio-infer infer` is an option with the prefix, and the other way round."""
    from infer.cli import infer_command, merge  # noqa: F401, PLC0415 (they register the commands; one alone is no group)
    from infer.cli.app import app  # noqa: PLC0415

    (command,) = (each for name, each in get_command(app).commands.items() if name == "infer")  # type: ignore[attr-defined]
    flags = {max(each.opts, key=len).removeprefix("--").replace("-", "_") for each in command.params} - ELSEWHERE
    missing = flags - {option.name.removeprefix(PREFIX) for option in options()}
    assert missing <= {"jobs", "engine", "scheduler", "allow_remote"}, "engines are for files"
    assert {option.name.removeprefix(PREFIX) for option in options()} - OWN <= flags


def test_options_are_of_mitmproxy_s_types() -> None:
    """Strings, numbers, booleans and sequences of strings, each with a help text of one line."""
    for option in options():
        assert option.type in (str, int, bool, Sequence[str])
        assert option.help
        assert "\n" not in option.help
        assert option.name.startswith(PREFIX)


def test_options_become_settings() -> None:
    """What mitmproxy holds is what the worker gets."""
    values = {option.name: option.default for option in options()}
    assert settings_of(SimpleNamespace(**values)) == Settings()
    given = values | {"sio_infer_host": ["a.*"], "sio_infer_asyncapi": "2.6.0", "sio_infer_no_values": True}
    made = settings_of(SimpleNamespace(**given))
    assert made.filter().hosts == ("a.*",)
    assert made.document().version == "2.6.0"
    assert made.document().rules.values is False


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"checkpoint": 0}, "checkpoint is at least 1"),
        ({"queue": 0}, "queue is at least 1"),
        ({"trim": -1}, "trim is at least 0"),
        ({"expire": 0}, "expire is at least 1"),
        ({"checkpoint": 10**20}, "checkpoint is at most 1,000,000,000"),
        ({"server": ("production",)}, "a server is given as NAME=URL"),
        ({"no_rule": ("nonsense",)}, "there is no rule 'nonsense'"),
    ],
)
def test_nonsense_is_refused(given: dict[str, object], message: str) -> None:
    """In one line, by name."""
    with pytest.raises(UsageError, match=message):
        Settings(**given).check()  # type: ignore[arg-type]


def test_choices_are_checked() -> None:
    """That mitmproxy itself does not do."""
    values = {option.name: option.default for option in options()} | {"sio_infer_format": "xml"}
    with pytest.raises(UsageError, match="sio_infer_format is none of yaml, json"):
        settings_of(SimpleNamespace(**values))


def test_the_home_folder_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell sees the `~` in `--set sio_infer_state=~/chat.sio`."""
    monkeypatch.setenv("HOME", "/home/ann")
    values = {option.name: option.default for option in options()} | {"sio_infer_state": "~/chat.sio"}
    made = settings_of(SimpleNamespace(**values))
    assert (made.state, made.declared, made.output) == ("/home/ann/chat.sio", "", "asyncapi.yml")
