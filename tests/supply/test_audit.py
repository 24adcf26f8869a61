"""What an audit comes to: by reports as pip-audit writes them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from tests.supply.audit import judge


def report(name: str, *fixed: str) -> dict[str, Any]:
    found = {"name": name, "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": list(fixed), "aliases": [], "description": "d"}]}
    return {"dependencies": [found, {"name": "sound", "version": "2", "vulns": []}, {"name": "own", "skip_reason": "not found"}], "fixes": []}


def test_a_weakness_with_a_remedy_fails() -> None:
    """Where nothing of mitmproxy's stands against the upgrade."""
    judged = judge(report("pyyaml", "99.0"))
    assert judged.failing == ["pyyaml 1.0: PYSEC-1, mended in 99.0"]
    assert judged.told == []
    assert (judged.known, judged.unknown) == (2, ["own"])


def test_what_mitmproxy_pins_is_told_of() -> None:
    """With the requirement that excludes the remedy."""
    judged = judge(report("h11", "99.0"))
    assert judged.failing == []
    assert f"mitmproxy {version('mitmproxy')} takes h11" in judged.told[0]


def test_a_weakness_without_a_remedy_is_told_of() -> None:
    """There is nothing to do about it here."""
    judged = judge(report("pyyaml"))
    assert judged.failing == []
    assert "no version yet" in judged.told[0]
