"""Documents of all recordings, shown to the tools that people use on them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest

import infer
from infer.asyncapi import VERSIONS, dump
from tests.conformance.tools import ask
from tests.e2e.contracts import EXPECTATIONS
from tests.e2e.processes import ROOT

APPS: Final = sorted(path.stem for path in EXPECTATIONS.glob("*.yml") if path.stem != "matrix")
ERROR, WARNING, INFO = 0, 1, 2


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Document files by application and version, each of all recordings of the application."""
    folder = tmp_path_factory.mktemp("documents")
    made = {}
    for app in APPS:
        paths = sorted(str(path) for path in (ROOT / "recordings").iterdir() if path.name.partition(".")[0].partition("-")[0] == app)
        assert paths
        catalog = infer.infer(paths)
        for version in VERSIONS:
            made[app, version] = folder / f"{app}-{version}.yml"
            text = dump(catalog.to_asyncapi(infer.DocumentOptions(version=version)), "yaml")
            made[app, version].write_text(text, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def verdicts(node: str, documents: dict[tuple[str, str], Path]) -> dict[str, Any]:
    """What the parser says, by file."""
    return ask(node, "parse", *documents.values())  # type: ignore[no-any-return]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("app", APPS)
def test_the_official_parser_has_nothing_to_say(
    app: str, version: str, documents: dict[tuple[str, str], Path], verdicts: dict[str, Any]
) -> None:
    """No error and no warning; the one info there may be is that a newer version of AsyncAPI exists."""
    verdict = verdicts[str(documents[app, version])]
    assert verdict["parsed"]
    assert [found for found in verdict["diagnostics"] if found["severity"] in (ERROR, WARNING)] == []
    assert Counter(found["code"] for found in verdict["diagnostics"]).keys() <= {"asyncapi-latest-version"}


def test_the_parser_is_really_asked(node: str, documents: dict[tuple[str, str], Path], tmp_path: Path) -> None:
    """A document that is wrong is refused: the test above can fail."""
    broken = tmp_path / "broken.yml"
    broken.write_text(documents["chat", "3.0.0"].read_text(encoding="utf-8").replace("action: send", "action: shout", 1))
    verdict = ask(node, "parse", broken)[str(broken)]
    assert any(found["severity"] == ERROR for found in verdict["diagnostics"])


def test_modelina_names_every_model(node: str, documents: dict[tuple[str, str], Path]) -> None:
    """TypeScript of every document, in which nothing is called AnonymousSchema."""
    files = [documents[app, "3.0.0"] for app in APPS]
    models = ask(node, "models", *files)
    assert models.keys() == {str(file) for file in files}
    for file, made in models.items():
        assert made, file
        assert [name for name, code in made if "AnonymousSchema" in name + code] == [], file


def test_the_documentation_component_renders(node: str, chromium: str, documents: dict[tuple[str, str], Path]) -> None:
    """Without a complaint on the console, without a request, and with every event on the page."""
    page = ask(node, "page", chromium, documents["chat", "3.0.0"])
    assert page["complaints"] == []
    assert page["requests"] == []
    for event in ("add user", "new message", "user joined", "stop typing"):
        assert event in page["text"]
