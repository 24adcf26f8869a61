"""How good the schemas are: ours beside those of genson, quicktype and polars-genson, on real payloads.

    python -m bench.schema                      # scores and learning curves, written to bench/SCHEMA.md
    python -m bench.schema --data DIR --no-curve

Needs the scorer and the archives of payloads (`DIR/score.py`, `DIR/*.tar.xz`; see the scorer's header for what F, R, G and P
mean), `npm ci` in tests/ for quicktype, and `pip install --group bench` for polars-genson; it says what it lacks and
goes on without. The set `gh` is made of the npm packages @octokit/webhooks-examples and @octokit/webhooks-schemas.
Half of the sessions are held out; all contenders see the same payloads, and take them as they come. Also checked, on all
streams: that evidence merges in any split and order, and that every payload is accepted by the schema made of it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import random
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Hashable, Mapping, Sequence
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from genson import SchemaBuilder

from infer.schema import Args, Root, Rules, build
from infer.schema.build import DRAFT_7

ROOT: Final = Path(__file__).resolve().parents[1]
MODULES: Final = ROOT / "tests/node_modules"
SETS: Final = ("gh", "cdp", "cdpx")
SAMPLES: Final = (2, 4, 8, 16, 64, 400)
Payloads = Sequence[Any]
Schema = dict[str, Any]


def ours(corpus: Mapping[str, Payloads], sessions: Mapping[str, Sequence[str]]) -> dict[str, Schema]:
    """The schemas of one document, an event for each of the corpus."""
    roots: dict[Hashable, Root] = {
        name: Root(evidence(payloads, sessions[name]), (name,)) for name, payloads in corpus.items()
    }
    built = build(roots, Rules(), "#/definitions/")
    return {name: {"$schema": DRAFT_7, **(built.schemas[name] or {}), "definitions": built.definitions} for name in corpus}


def evidence(payloads: Payloads, sessions: Sequence[str]) -> Args:
    """The evidence of payloads, each the one argument of an event in its session."""
    args = Args()
    for payload, session in zip(payloads, sessions, strict=True):
        args.add([payload], int.from_bytes(blake2b(session.encode(), digest_size=7).digest(), "big"))
    return args


def plain_genson(payloads: Payloads) -> Schema:
    """The schema of genson."""
    builder = SchemaBuilder()
    for payload in payloads:
        builder.add_object(payload)
    schema: Schema = builder.to_schema()
    return schema


def quicktype(many: Sequence[Payloads]) -> list[Schema]:
    """The schemas of quicktype; one that accepts nothing where it fails."""
    run = subprocess.run(
        ["node", str(ROOT / "bench/schema_quicktype.mjs")],
        input=json.dumps(many),
        capture_output=True,
        text=True,
        check=True,
    )
    return [schema or {"not": {}} for schema in json.loads(run.stdout)]


def polars_genson(payloads: Payloads) -> Schema:
    """polars-genson's schema."""
    import polars as pl  # noqa: PLC0415 (optional)

    frame: Any = pl.DataFrame({"payload": [json.dumps(payload) for payload in payloads]})
    schema: Schema = frame.genson.infer_json_schema("payload")
    return schema


def contenders(lacking: list[str]) -> dict[str, Callable[[Any], dict[str, Any]]]:
    """What to run on a bench, by name with its version; what is absent is told in `lacking`."""
    found: dict[str, Callable[[Any], dict[str, Any]]] = {
        f"genson {metadata.version('genson')}": lambda bench: bench.run(plain_genson)
    }
    package = MODULES / "quicktype-core/package.json"
    if package.is_file():
        version = json.loads(package.read_bytes())["version"]
        found[f"quicktype-core {version}"] = lambda bench: bench.run(infer_many=quicktype)
    else:
        lacking.append("quicktype: run npm ci in tests/")
    if importlib.util.find_spec("polars_genson"):
        importlib.import_module("polars_genson")
        found[f"polars-genson {metadata.version('polars-genson')}"] = lambda bench: bench.run(polars_genson)
    else:
        lacking.append("polars-genson: pip install --group bench")
    found["**sio-infer**"] = lambda bench: bench.run(infer_corpus=lambda corpus: ours(corpus, bench.train_groups))
    return found


def unpack(source: Path, data: Path, lacking: list[str]) -> list[str]:
    """Put the sets into a folder, a file an event; their names."""
    for name in SETS:
        archive = source / f"{name}.tar.xz"
        if archive.is_file():
            with tarfile.open(archive) as tar:
                tar.extractall(data, filter="data")
        elif name == "gh":
            _webhooks(data / name, lacking)
        else:
            lacking.append(f"the set {name}: {archive.name} is not in {source.name}/")
    return [name for name in SETS if (data / name).is_dir()]


def _webhooks(folder: Path, lacking: list[str]) -> None:
    """The set of GitHub's webhooks, from its npm packages."""
    examples = MODULES / "@octokit/webhooks-examples/api.github.com/index.json"
    schemas = MODULES / "@octokit/webhooks-schemas/schema.json"
    if not examples.is_file() or not schemas.is_file():
        lacking.append("the set gh: run npm ci in tests/")
        return
    folder.mkdir(parents=True)
    definitions = json.loads(schemas.read_bytes())["definitions"]
    for event in json.loads(examples.read_bytes()):
        name, samples = event["name"], event["examples"]
        if f"{name}_event" in definitions:
            schema = {
                "$schema": "http://json-schema.org/draft-07/schema#", "$ref": f"#/definitions/{name}_event", "definitions": definitions,
            }  # fmt: skip
            content = {"schema": schema, "samples": samples, "groups": ["api.github.com"] * len(samples)}
            (folder / f"{name}.json").write_text(json.dumps(content))


def broken_laws(data: Path) -> tuple[int, int, int, int]:
    """Streams, those of which a split merges to something else, payloads, and those that their own schema refuses."""
    streams = unequal = payloads = refused = 0
    rng = random.Random(1)
    for file in sorted(data.glob("*/*.json")):
        content = json.loads(file.read_bytes())
        samples, groups = content["samples"], [str(group) for group in content["groups"]]
        pairs = list(zip(samples, groups, strict=True))
        whole = evidence(samples, groups)
        rng.shuffle(pairs)
        cuts = sorted(rng.randint(0, len(pairs)) for _ in range(3))
        folded = Args()
        for start, end in zip([0, *cuts], [*cuts, len(pairs)], strict=True):
            folded.merge(evidence(*(zip(*pairs[start:end], strict=True) if start < end else ((), ()))))
        streams += 1
        unequal += folded != whole
        schema = ours({"event": samples}, {"event": groups})["event"]
        validator = jsonschema_rs.validator_for(schema, validate_formats=True)
        payloads += len(samples)
        refused += sum(not validator.is_valid(sample) for sample in samples)
    return streams, unequal, payloads, refused


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(description="Score schemas on real payloads.")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared/bench/schema", help="folder of score.py and *.tar.xz"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "bench/SCHEMA.md")
    parser.add_argument("--no-curve", action="store_true", help="without the learning curves")
    given = parser.parse_args()
    if not (given.data / "score.py").is_file():
        sys.stderr.write(f"skipped: there is no score.py in {given.data} (--data names its folder)\n")
        return 0
    lacking: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        sets = unpack(given.data, data, lacking)
        scorer = _scorer(given.data / "score.py", folder)
        report = "\n".join(_report(scorer, sets, data, lacking, curve=not given.no_curve))
    given.out.write_text(report + "\n", encoding="utf-8")
    print(report)
    return 0


def _scorer(path: Path, folder: str) -> Any:
    """The scorer, which looks for its data in `folder`."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.HERE = folder  # type: ignore[attr-defined]
    return module


def _report(scorer: Any, sets: Sequence[str], data: Path, lacking: list[str], *, curve: bool) -> list[str]:
    found = contenders(lacking)
    lines = [
        "# How good the schemas are",
        "",
        "`python -m bench.schema` writes this. Half of the sessions are held out. R: held-out payloads accepted; G: their valid",
        "variations accepted; P: invalid ones refused; F: harmonic mean of (R+G)/2 and P. Everything is used as it comes.",
        "",
        f"Python {platform.python_version()}, jsonschema-rs {metadata.version('jsonschema-rs')}.",
        *(f"Lacking: {what}." for what in lacking),
    ]
    for name in sets:
        bench = scorer.Bench(name)
        lines += ["", f"## {name}: {len(bench.events)} events", "", "| | F | R | G | P |", "|---|---|---|---|---|"]
        for label, run in found.items():
            scores = run(bench)
            lines.append(f"| {label} | {' | '.join(f'{scores[key]:.3f}' for key in 'FRGP')} |")
            sys.stderr.write(lines[-1] + "\n")
    if curve:
        lines += ["", "## F by the number of samples", ""]
        lines += ["| set | | " + " | ".join(map(str, SAMPLES)) + " |", "|---|---|" + "---|" * len(SAMPLES)]
        benches = {name: [scorer.Bench(name, train_cap=cap) for cap in SAMPLES] for name in sets}
        for name in sets:
            for label in (next(iter(found)), "**sio-infer**"):
                curve_of = " | ".join(f"{found[label](bench)['F']:.3f}" for bench in benches[name])
                lines.append(f"| {name} | {label} | {curve_of} |")
                sys.stderr.write(lines[-1] + "\n")
    streams, unequal, payloads, refused = broken_laws(data)
    lines += [
        "",
        "## Laws",
        "",
        f"{streams} streams, each cut in four, shuffled and merged: {unequal} differ from the whole.",
        f"{payloads:,} payloads: {refused} refused by the schema that was made of them.",
    ]
    return lines


if __name__ == "__main__":
    raise SystemExit(main())
