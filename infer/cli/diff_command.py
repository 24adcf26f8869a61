"""`sio-infer diff`: hold a revision, or recorded traffic, to a declared document."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from infer.cli import reading
from infer.cli.app import ERROR, FINDINGS, command, complain, put, say, silence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infer.asyncapi.contract import Contract
    from infer.asyncapi.opening import Shelf
    from infer.diff import Compat, Conformance, Coverage, Finding, Weighing
    from infer.engines.local import Options
    from infer.engines.result import Result
    from infer.filters import Filter
    from infer.model import Observation
    from infer.report.findings import Outcome

FormatName = Literal["text", "json", "markdown", "html", "junit", "sarif", "github", "gitlab"]

Declared = Annotated[
    str,
    typer.Argument(
        metavar="DECLARED",
        help="The AsyncAPI document that holds: a path, a URL, REF:path for one in git, or - for stdin.",
        show_default=False,
    ),
]
Others = Annotated[
    list[str],
    typer.Argument(
        metavar="REVISION|CAPTURES",
        help="Another document, to compare with; or captures, globs and folders, to hold to the document.",
        show_default=False,
    ),
]
Traffic = Annotated[
    list[str],
    typer.Option(
        "--traffic",
        metavar="CAPTURE",
        help="Weigh each change by the captured traffic it would break (repeatable).",
        show_default=False,
    ),
]
CompatName = Annotated[
    Literal["backward", "forward", "full"] | None,
    typer.Option(
        "--compat",
        help="Whether today's clients survive the revision (backward, the default), tomorrow's the old server (forward), or both (full).",
        show_default=False,
    ),
]
FailOn = Annotated[
    Literal["error", "warning", "info", "none"] | None,
    typer.Option(
        "--fail-on", help="The mildest level that makes it exit 1; error unless configured.", show_default=False
    ),
]
MinCoverage = Annotated[
    float | None,
    typer.Option(
        "--min-coverage",
        metavar="PERCENT",
        min=0,
        max=100,
        help="Exit 1 where the captures show less of the document.",
        show_default=False,
    ),
]
Format = Annotated[
    FormatName | None,
    typer.Option(
        "--format", help="Form of the report on stdout; text unless a --report goes there.", show_default=False
    ),
]
Reports = Annotated[
    list[str],
    typer.Option(
        "--report",
        metavar="FORMAT=PATH",
        help="Write a report to a file too; - is stdout (repeatable).",
        show_default=False,
    ),
]
BaselineFile = Annotated[
    str | None,
    typer.Option("--baseline", metavar="FILE", help="Known findings, which do not count.", show_default=False),
]
WriteBaseline = Annotated[
    str | None,
    typer.Option(
        "--write-baseline", metavar="FILE", help="Accept what is found: write it to a baseline.", show_default=False
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for --write-baseline.", show_default=False)]
Expires = Annotated[
    str | None,
    typer.Option("--expires", metavar="DATE", help="Until when, for --write-baseline: 2027-01-31.", show_default=False),
]
ConfigFile = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Configuration; else the nearest sio-infer.toml, or pyproject.toml with [tool.sio-infer].",
        show_default=False,
    ),
]
PatchFile = Annotated[
    str | None,
    typer.Option(
        "--patch",
        metavar="FILE",
        help="Write the JSON Patch that makes DECLARED take the traffic; - is stdout.",
        show_default=False,
    ),
]


@command(
    "diff",
    [
        "sio-infer diff asyncapi.yml recordings/*.har",
        "sio-infer diff main:asyncapi.yml asyncapi.yml --traffic recordings/chat.har",
        "sio-infer diff asyncapi.yml recordings --report sarif=diff.sarif --report html=diff.html --min-coverage 80",
        "sio-infer diff asyncapi.yml rec.har --write-baseline known.json --reason 'before the rewrite' --expires 2027-01-31",
        "sio-infer diff asyncapi.yml rec.har --patch patch.json",
    ],
)
def diff(
    declared: Declared,
    others: Others,
    *,
    traffic: Traffic = [],
    compat: CompatName = None,
    fail_on: FailOn = None,
    min_coverage: MinCoverage = None,
    form: Format = None,
    report: Reports = [],
    baseline: BaselineFile = None,
    write_baseline: WriteBaseline = None,
    reason: Reason = "",
    expires: Expires = None,
    config: ConfigFile = None,
    patch: PatchFile = None,
    perspective: Annotated[
        Literal["server", "client"] | None,
        typer.Option(
            "--perspective", help="Whom the documents describe; the server unless they say.", show_default=False
        ),
    ] = None,
    allow_remote: reading.AllowRemote = False,
    show_values: Annotated[bool, typer.Option("--show-values", help="Show values from traffic as they are.")] = False,
    host: reading.Hosts = [],
    path: reading.Paths = [],
    namespace: reading.Namespaces = [],
    event: reading.Events = [],
    parser: reading.ParserName = "auto",
    limit: reading.LimitSettings = [],
    strict: reading.Strict = False,
    verbose: reading.Verbose = False,
    quiet: reading.Quiet = False,
) -> None:
    """Hold another document, or captured traffic, to a declared document. Exits 0 fine, 1 findings, 2 error."""
    from msgspec.structs import replace

    from infer import __version__, captures
    from infer.asyncapi.opening import Shelf, open_contract
    from infer.cli import gating
    from infer.diff import Compat, Group
    from infer.diff.checker import check
    from infer.diff.gate import judge
    from infer.engines.local import Options
    from infer.filters import Filter
    from infer.report.findings import Outcome

    shelf = Shelf()
    revised, files = _sorted(others, traffic, shelf)
    wanted = Filter(host, path, namespace, event)
    _check(None if revised is None else shelf.name(revised), wanted, patch, min_coverage)
    sinks = _sinks(form, report, patch)
    settings = gating.settings(config)
    policy = gating.policy(settings, fail_on, min_coverage, baseline, may_be_new=write_baseline)
    end = gating.last_day(expires, reason, write_baseline)
    chosen = Compat(compat) if compat is not None else settings.config.compat or Compat.BACKWARD

    _refuse_capture(declared)
    base = open_contract(declared, perspective=perspective, allow_remote=allow_remote)
    check(base)
    revision = None
    if revised is not None:
        revision = open_contract(revised, perspective=perspective, allow_remote=allow_remote, shelf=shelf)
        check(revision)
        policy = replace(policy, min_coverage=None)
    run = _Run(base, revision, chosen, values=show_values, weigh=bool(files), learn=patch is not None)
    result = None
    if files:
        files = captures.expand(files)
        result = _read(files, run, Options(filter=wanted, parser=parser, limits=reading.limits(limit)), strict=strict, verbose=verbose, quiet=quiet)
    found = [finding for finding in run.findings() if reading.is_wanted(finding, wanted)]
    groups = frozenset({Group.TRAFFIC if revision is None else Group.CHANGE})
    if write_baseline is None:
        verdict = judge(found, policy, run.coverage(), groups)
    else:
        verdict = gating.accept(found, policy, run.coverage(), groups, write_baseline, reason=reason, expires=end)
    outcome = Outcome(
        verdict=verdict,
        base=base.file,
        revision=None if revision is None else revision.file,
        captures=tuple(map(captures.shown, files)),
        observations=run.held if files else None,
        compat=chosen,
        version=__version__,
        notes=() if result is None else tuple(_notes(result)),
        values=show_values,
    )
    for name, target in sinks:
        _write_report(name, target, outcome)
    if patch is not None and run.conformance is not None:
        _write_patch(run.conformance, patch, base)
    problems = [] if result is None else list(_problems(result, files, run, wanted))
    for problem in problems:
        complain(problem)
    if problems:
        raise typer.Exit(ERROR)
    if verdict.failed:
        raise typer.Exit(FINDINGS)


class _Run:
    """A document against another, weighed by traffic where there is some, or against traffic alone."""

    def __init__(
        self, base: Contract, revision: Contract | None, compat: Compat, *, values: bool, weigh: bool, learn: bool
    ) -> None:
        from infer import diff

        self.observed = 0
        self.sources: set[str] = set()
        self.conformance: Conformance | None = None
        self._changes: list[Finding] = []
        self._weighing: Weighing | None = None
        if revision is None:
            self.conformance = diff.Conformance(base, keep_values=values, learn=learn)
        else:
            self._changes = diff.compare(base, revision, compat)
            self._weighing = diff.Weighing(self._changes, base, revision) if weigh else None

    def observe(self, observation: Observation) -> None:
        """Take one observation in."""
        self.observed += 1
        self.sources.add(observation.origin.source)
        judge = self.conformance or self._weighing
        if judge is not None:
            judge.add(observation)

    @property
    def held(self) -> int:
        """How many observations were held to the document, or weighed by."""
        return self.observed if self.conformance is None else self.conformance.observations

    def findings(self) -> Sequence[Finding]:
        """What was found; changes are weighed where there is something to weigh them by."""
        judge = self.conformance or self._weighing
        return self._changes if judge is None else judge.findings()

    def coverage(self) -> Coverage | None:
        """How much of the document the traffic shows; None where it was not held to it."""
        return None if self.conformance is None else self.conformance.coverage()


def _sorted(others: list[str], traffic: list[str], shelf: Shelf) -> tuple[str | None, list[str]]:
    """The revised document, if there is one, and the captures. Errors: `UsageError`."""
    from infer.errors import UsageError

    documents = [name for name in others if shelf.is_document(name)]
    if len(documents) > 1:
        raise UsageError("a third document", shelf.name(documents[1]), "compare two at a time")
    if traffic and not documents:
        raise UsageError(
            "--traffic weighs the changes between two documents",
            traffic[0],
            "name captures without it to hold them to one",
        )
    return next(iter(documents), None), [name for name in others if name not in documents] + traffic


def _check(revised: str | None, wanted: Filter, patch: str | None, min_coverage: float | None) -> None:
    """Errors: `UsageError` for options that mean nothing together."""
    from infer.errors import UsageError

    if revised is not None and (patch is not None or min_coverage is not None):
        option = "--min-coverage" if patch is None else "--patch"
        raise UsageError(f"{option} needs captures held to one document", revised, "leave the second document out")
    if min_coverage is not None and wanted:
        raise UsageError(
            "--min-coverage is of the whole document", hint="leave --host, --path, --namespace and --event out"
        )


def _refuse_capture(declared: str) -> None:
    """Errors: `SpecError` where what stands first is a capture."""
    from infer import captures
    from infer.errors import SpecError

    if Path(declared).is_dir() or (Path(declared).is_file() and captures.format_of(declared).is_capture):
        raise SpecError("no AsyncAPI document", declared, "the declared document comes first, then captures")


def _read(files: list[str], run: _Run, options: Options, *, strict: bool, verbose: bool, quiet: bool) -> Result:
    from msgspec.structs import replace

    from infer.errors import CaptureError

    reading.refuse_states(files, "infer a document from it, and compare the two")
    result = reading.run(files, replace(options, observer=run.observe), strict=strict, verbose=verbose, quiet=quiet)
    if not run.held:
        raise CaptureError(
            "no event and no connect that is wanted", hint="check the filters, or record while the app is used"
        )
    if not quiet:
        reading.show_summary(result)
    return result


def _problems(result: Result, files: list[str], run: _Run, wanted: Filter) -> Iterator[str]:
    """Why the run cannot be trusted to be green: captures that could not be read, or hold no Socket.IO traffic."""
    from infer import captures

    yield from map(str, result.failed)
    if wanted:
        return  # a filter may well want nothing of one file
    failed = {error.location for error in result.failed}
    for name in map(captures.shown, files):
        read = any(source == name or source.startswith(f"{name}/") for source in run.sources)  # what is in a zip is below it
        if not read and name != "-" and name not in failed:
            yield f"{name}: no Socket.IO traffic found in this capture (leave it out, or record it again)"


def _notes(result: Result) -> Iterator[str]:
    """What may have been missed."""
    from infer.wire import MEANINGS

    for error in result.failed:
        yield f"not read: {error}"
    for code, count in sorted(result.diagnostics.counts.items()):
        yield f"{count:,} × {code}{f': {MEANINGS[code]}' if code in MEANINGS else ''}"


def _sinks(form: FormatName | None, reports: list[str], patch: str | None) -> list[tuple[str, str]]:
    """Formats and where they go. Errors: `UsageError`."""
    from infer.errors import UsageError
    from infer.report.findings import FORMATS

    sinks: list[tuple[str, str]] = []
    for given in reports:
        name, equals, target = given.partition("=")
        if not equals or not target or name not in FORMATS:
            raise UsageError("--report takes FORMAT=PATH", given, f"formats: {', '.join(FORMATS)}")
        sinks.append((name, target))
    taken = [name for name, target in sinks if target == "-"] + (["patch"] if patch == "-" else [])
    if form is not None or not taken:
        sinks.insert(0, (form or "text", "-"))
        taken.insert(0, form or "text")
    if len(taken) > 1:
        raise UsageError(f"{' and '.join(taken)} cannot all go to stdout", hint="give all but one a file")
    return sinks


def _write_report(name: str, target: str, outcome: Outcome) -> None:
    from infer.report.findings import renderer

    if name == "text":
        from infer.report.findings_text import render

        plain = target != "-" or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        text = render(outcome, colour=not plain and sys.stdout.isatty())
    else:
        text = renderer(name)(outcome)
    try:
        put(text, target)
    except BrokenPipeError:
        # the reader has gone (`| head`), but not the verdict: it is still what the command exits with
        silence(sys.stdout)


def _write_patch(conformance: Conformance, target: str, base: Contract) -> None:
    """The operations for the declared document; those for documents that it refers to go beside it."""
    import json

    from infer.diff import patch as operations
    from infer.errors import UsageError

    by_file = operations(conformance)
    own = by_file.pop(base.file, [])
    if by_file and target == "-":
        raise UsageError(f"the patch concerns {len(by_file) + bool(own)} files", hint="give --patch a file name")
    put(json.dumps(own, indent=2) + "\n", target)
    for name, others in by_file.items():
        beside = Path(target).with_suffix(f".{Path(name).stem}.json")
        put(json.dumps(others, indent=2) + "\n", str(beside))
        say(f"the patch of {name} is in {beside}")
