"""The files that a gate rests on: its configuration and its baseline, found, read and written."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from infer.diff import Coverage, Finding, Group
    from infer.diff.config import Config
    from infer.diff.gate import Policy, Verdict


class Settings(NamedTuple):
    """A configuration, and the folder that its paths start from."""

    config: Config
    folder: Path


def settings(named: str | None) -> Settings:
    """The configuration of that name, else the nearest one at or above the working folder; an empty one where there is none.

    The search ends at the top of a git repository. Errors: `UsageError`.
    """
    from infer.diff import config as configs
    from infer.errors import UsageError

    if named is not None:
        found = configs.parse(_text(Path(named), named), named)
        if found is None:
            raise UsageError("has no [tool.sio-infer]", named, "add [tool.sio-infer.diff]")
        return Settings(found, Path(named).parent)
    here = Path.cwd()
    for folder in (here, *here.parents):
        for name in (configs.FILE, configs.PROJECT):
            path = folder / name
            if not path.is_file():
                continue
            shown = name if folder == here else str(path)
            found = configs.parse(_text(path, shown), shown)
            if found is not None:
                return Settings(found, Path() if folder == here else folder)
        if (folder / ".git").exists():
            break
    return Settings(configs.Config(), Path())


def policy(
    given: Settings, fail_on: str | None, min_coverage: float | None, baseline: str | None, *, may_be_new: str | None
) -> Policy:
    """The bar: what the command line says, then the configuration, then the default.

    A baseline that is about to be written (`may_be_new`) need not be there yet. Errors: `UsageError`.
    """
    from infer.diff import Level
    from infer.diff import baseline as baselines
    from infer.diff.gate import Policy

    config = given.config
    name = baseline
    if name is None and config.baseline is not None:
        name = str(given.folder / config.baseline)
    if name is None:
        name = may_be_new
    known = None
    if name is not None and not (name == may_be_new and not Path(name).exists()):
        known = baselines.parse(_text(Path(name), name).encode(), name)
    level = fail_on or config.fail_on or Level.ERROR.value
    return Policy(
        config=config,
        fail_on=None if level == "none" else Level(level),
        min_coverage=config.min_coverage if min_coverage is None else min_coverage,
        baseline=known,
        today=date.today(),  # noqa: DTZ011 (a day in the team's own time)
    )


def accept(
    findings: list[Finding], bar: Policy, coverage: Coverage | None, groups: frozenset[Group],
    name: str, *, reason: str, expires: date | None,
) -> Verdict:  # fmt: skip
    """Write a baseline of all that counts, ignores apart, and give the verdict that it leads to. Errors: `UsageError`."""
    from msgspec.structs import replace

    from infer.diff import baseline as baselines
    from infer.diff.gate import judge
    from infer.files import write_atomic

    counting = judge(findings, replace(bar, baseline=None), coverage, groups).counting
    old = bar.baseline or baselines.Baseline(name)
    new = baselines.renewed(old, counting, groups, reason=reason, expires=expires)
    write_atomic(name, baselines.dump(new))
    return judge(findings, replace(bar, baseline=new), coverage, groups)


def last_day(text: str | None, reason: str, write_baseline: str | None) -> date | None:
    """The day, still to come, until which a baseline that is written accepts, as `2027-01-31`. Errors: `UsageError`."""
    from infer.errors import UsageError

    wanted = None
    if text is not None:
        try:
            wanted = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            raise UsageError("--expires takes a day", text, "for example 2027-01-31") from None
        if wanted < date.today():  # noqa: DTZ011
            raise UsageError("--expires is a day that has passed", text)
    if write_baseline is None and (wanted or reason):
        option = "--reason" if reason else "--expires"
        raise UsageError(f"{option} is of what --write-baseline accepts", hint="give --write-baseline FILE, too")
    return wanted


def _text(path: Path, name: str) -> str:
    from infer.errors import UsageError

    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror or error}", name, "is the path right?") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"no UTF-8 at byte {error.start}", name) from None
