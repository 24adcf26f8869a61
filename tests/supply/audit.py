"""Known weaknesses of what is installed: `python -m tests.supply.audit`; `make audit` does, and so does the gate.

pip-audit asks; this judges. A weakness whose remedy mitmproxy's own requirements exclude is told of with that reason:
it is mitmproxy's to take, and a newer mitmproxy is taken as soon as it is out. Any other fails. Where the advisories
cannot be had, that is said, and nothing fails: a gate must not hang on another's service.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_TIMEOUT: Final = 300
_SAID: Final = 300
"""Characters of what pip-audit complained of."""


@dataclass(frozen=True)
class Judged:
    """What an audit comes to."""

    told: list[str]
    """Weaknesses that are mitmproxy's to mend, with the reason."""
    failing: list[str]
    unknown: list[str]
    """Packages of which nothing is known."""
    known: int
    """Packages of which it is known what is known."""


def judge(report: dict[str, Any]) -> Judged:
    """A report of pip-audit in its JSON form."""
    judged = Judged([], [], [], sum("skip_reason" not in each for each in report["dependencies"]))
    for package in report["dependencies"]:
        name = package["name"]
        if "skip_reason" in package:
            judged.unknown.append(name)
        for weakness in package.get("vulns", ()):
            line = f"{name} {package['version']}: {weakness['id']}, mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
            reason = excluded(name, weakness["fix_versions"])
            if reason is None and weakness["fix_versions"]:
                judged.failing.append(line)
            else:
                judged.told.append(f"{line} ({reason or 'there is nothing to upgrade to'})")
    return judged


def excluded(name: str, mended: list[str]) -> str | None:
    """Why none of the versions can be had: what mitmproxy requires; None where one can."""
    try:
        proxy = distribution("mitmproxy")
    except PackageNotFoundError:
        return None
    if canonicalize_name(name) == "mitmproxy":
        return None
    for line in proxy.requires or ():
        asked = Requirement(line)
        wanted = asked.marker is None or asked.marker.evaluate({"extra": ""})
        same = canonicalize_name(asked.name) == canonicalize_name(name)
        if same and wanted and mended and not any(asked.specifier.contains(Version(version)) for version in mended):
            return f"mitmproxy {proxy.version} takes {asked.name}{asked.specifier}"
    return None


def main() -> int:
    """Ask, judge, tell; 1 where something is to be upgraded."""
    command = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format", "json", "--progress-spinner", "off"]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT)
        judged = judge(json.loads(ran.stdout))
    except subprocess.TimeoutExpired:
        say(f"note: no audit, pip-audit had no answer for {_TIMEOUT} s")
        return 0
    except (ValueError, KeyError):
        say(f"note: no audit, pip-audit gave no report: {ran.stderr.strip()[-_SAID:]}")
        return 0
    if not judged.known:
        say(f"note: no audit, the advisory service knows none of {len(judged.unknown)} packages (is it reachable from here?)")
        return 0
    say(f"{judged.known} packages audited, nothing is known of {len(judged.unknown)}")
    for line in judged.told:
        say(f"known: {line}")
    for line in judged.failing:
        say(f"UPGRADE: {line}")
    return int(bool(judged.failing))


def say(line: str) -> None:
    """Print it."""
    print(line)  # noqa: T201 (it is run for what it prints)


if __name__ == "__main__":
    sys.exit(main())
