"""`infer.diff.config`: what a team writes down, and what is said where it is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from infer.diff import Compat, Level
from infer.diff.config import Config, Ignore, parse
from infer.errors import UsageError

ALL = """
[diff]
fail-on = "warning"
compat = "full"
min-coverage = 80
baseline = "known.json"

[diff.rules]
"s2c-arg-optional-*" = "info"
c2s-format-changed = "off"

[[diff.ignore]]
rule = "c2s-*"
namespace = "/admin"
event = "debug:*"
pointer = "args[0]/properties/*"
reason = "for ourselves only"
expires = 2027-01-31
"""
EXPECTED = Config(
    fail_on="warning",
    compat=Compat.FULL,
    min_coverage=80,
    baseline="known.json",
    levels=(("s2c-arg-optional-*", Level.INFO), ("c2s-format-changed", Level.OFF)),
    ignores=(Ignore("c2s-*", "/admin", "debug:*", "args[0]/properties/*", "for ourselves only", date(2027, 1, 31)),),
)


def test_all_that_may_stand_in_it() -> None:
    """As the documentation shows it."""
    assert parse(ALL, "sio-infer.toml") == EXPECTED


def test_the_same_in_a_projects_own_file() -> None:
    """Under `tool.sio-infer`; a project without it has no configuration here."""
    text = ALL.replace("[diff", "[tool.sio-infer.diff").replace("[[diff", "[[tool.sio-infer.diff")
    assert parse('[project]\nname = "x"\n' + text, "some/pyproject.toml") == EXPECTED
    assert parse('[project]\nname = "x"\n', "pyproject.toml") is None
    assert parse("[tool.ruff]\n", "pyproject.toml") is None


def test_an_empty_one_says_nothing() -> None:
    """Every key is optional."""
    assert parse("", "sio-infer.toml") == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[diff", r"sio-infer.toml.*: no valid TOML"),
        ("[diff]\nfail-on = [\n", r"sio-infer.toml.*: no valid TOML"),
        ("[diff]\nfail_on = 'error'", r"sio-infer.toml diff: .*`fail_on`.*did you mean 'fail-on'"),
        ("[dif]\n", r"sio-infer.toml: .*`dif`.*did you mean 'diff'"),
        ("[diff]\nfail-on = 'fatal'", r"fail-on = 'fatal'.*error, warning, info, none"),
        ("[diff]\nmin-coverage = 101", r"min-coverage = 101.*0 to 100"),
        ("[diff]\nmin-coverage = 'high'", r"sio-infer.toml diff.min-coverage: expected `float"),
        ("[diff]\ncompat = 'both'", r"sio-infer.toml diff.compat: invalid enum value 'both' .it is one of backward, forward, full"),
        (
            "[diff.rules]\nc2s-arg-required-aded = 'off'",
            r"\[diff.rules\]: no rule.*did you mean 'c2s-arg-required-added'",
        ),
        ("[diff.rules]\n'x-*' = 'off'", r"no rule is called 'x-\*'.*sio-infer rules diff"),
        ("[diff.rules]\n'c2s-*' = 'fatal'", r"sio-infer.toml diff.rules\[.*\]: invalid enum value 'fatal' .levels: error, warning, info, off"),
        ("[[diff.ignore]]\nname = '/x'", r"sio-infer.toml diff.ignore\[.*\]: .*`name`.*did you mean 'namespace'"),
        ("[[diff.ignore]]\nrule = 'nothing'", r"\[\[diff.ignore\]\]: no rule is called 'nothing'"),
        ("[[diff.ignore]]\nexpires = 'soon'", r"sio-infer.toml diff.ignore\[.*\].expires.*2027-01-31"),
        ("[[diff.ignore]]\nevent = 'a'\n[[diff.ignore]]\nreason = 'b'", r"\[\[diff.ignore\]\]: an ignore without a pattern is of everything"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, said: str) -> None:
    """What, where, and what was perhaps meant, on one line."""
    with pytest.raises(UsageError, match=said) as caught:
        parse(text, "sio-infer.toml")
    assert "\n" not in str(caught.value)


def test_a_pattern_of_many_asterisks_takes_no_time() -> None:
    """Nothing is tried twice: this one would try for ever."""
    with pytest.raises(UsageError, match="no rule is called"):
        parse(f'[diff.rules]\n"{"*?" * 60}@" = "info"\n', "a.toml")
