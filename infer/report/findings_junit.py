"""Findings as JUnit XML, in the form that Jenkins reads: a test suite a namespace, a test case a finding.

A case fails where the finding fails the run and is skipped where the finding is accepted; what is below the bar passes
and says in its output what it is. Where nothing was found, one case passes, since a report without cases reads as a run that never was.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from infer.diff.finding import Finding
from infer.report.findings import Outcome, about, facts, headline, housekeeping, plain, shortfall


def render(outcome: Outcome) -> str:
    """The report."""
    verdict = outcome.verdict
    suites: dict[str, list[ET.Element]] = {}
    for finding in verdict.findings:
        name = plain(finding.namespace) if finding.namespace is not None else "document"
        suites.setdefault(name, []).append(_case(finding, outcome))
    if not suites:
        suites["document"] = [ET.Element("testcase", classname="sio-infer", name=headline(outcome))]
    if verdict.min_coverage is not None:
        suites["coverage"] = [_coverage_case(outcome)]
    root = ET.Element("testsuites", name="sio-infer diff")
    for name, cases in suites.items():
        suite = ET.SubElement(root, "testsuite", {"name": name, **_counts(cases)})
        suite.extend(cases)
    notes = list(housekeeping(outcome))
    if notes:
        ET.SubElement(root[-1], "system-out").text = "\n".join(notes)
    for key, value in _counts(list(root.iter("testcase"))).items():
        if key != "skipped":
            root.set(key, value)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(finding: Finding, outcome: Outcome) -> ET.Element:
    message = plain(finding.message, 500)
    case = ET.Element("testcase", classname=finding.rule.id, name=f"{about(finding)}: {message}")
    text = "\n".join(f"{label}: {fact}" for label, fact in facts(finding, outcome))
    if finding.suppressed is not None:
        ET.SubElement(case, "skipped").text = plain(finding.suppressed)
    elif outcome.verdict.fails(finding):
        failure = ET.SubElement(case, "failure", type=finding.level.value, message=message)
        failure.text = text
        return case
    ET.SubElement(case, "system-out").text = f"{finding.level.value}: {message}\n{text}"
    return case


def _coverage_case(outcome: Outcome) -> ET.Element:
    case = ET.Element("testcase", classname="sio-infer", name="coverage of what is declared")
    if outcome.verdict.too_little:
        ET.SubElement(case, "failure", type="coverage", message=shortfall(outcome.verdict))
    return case


def _counts(cases: list[ET.Element]) -> dict[str, str]:
    def having(tag: str) -> str:
        return str(sum(case.find(tag) is not None for case in cases))

    return {"tests": str(len(cases)), "failures": having("failure"), "errors": "0", "skipped": having("skipped")}
