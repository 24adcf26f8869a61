"""Names that want to be more than names stay what they are in every format."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt

from infer.report.findings import FORMATS, plain, renderer
from tests.unit.report import outcomes
from tests.unit.report.outcomes import HOSTILE

OUTCOME: Final = outcomes.hostile()
REPORTS: Final = {form: renderer(form)(OUTCOME) for form in FORMATS}


@pytest.mark.parametrize("form", FORMATS)
def test_no_report_holds_a_sign_that_acts_on_a_terminal(form: str) -> None:
    """Neither control characters nor those that turn the direction of writing; it can be written as UTF-8."""
    bad = {c for c in REPORTS[form] if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn"}} - {"\n"}
    assert not bad
    REPORTS[form].encode()


@pytest.mark.parametrize("text", HOSTILE)
def test_no_line_of_text_is_a_command_to_a_runner(text: str) -> None:
    """GitHub's runner takes a line that begins with `::`, and `##[` anywhere."""
    shown = plain(text)
    assert not shown.lstrip().startswith("::")
    assert "##[" not in shown


def test_the_text_report_holds_no_command() -> None:
    """As its lines, too."""
    lines = REPORTS["text"].splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]


def commands(report: str) -> list[tuple[str, dict[str, str], str]]:
    """The workflow commands in a log, read as GitHub's runner does."""
    found = []
    for line in report.splitlines():
        match = re.match(r"::(\w+) ?(.*?)::(.*)", line.lstrip())
        if match is None:
            assert line.startswith("sio-infer: ")
            continue
        pairs = dict(pair.split("=", 1) for pair in match[2].split(",")) if match[2] else {}
        found.append((match[1], {key: decoded(value) for key, value in pairs.items()}, decoded(match[3])))
    return found


def decoded(text: str) -> str:
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, sign)
    return text


def test_github_gets_an_annotation_a_finding_and_no_more() -> None:
    """Names cannot end a command, add a property, or begin a command of their own; they arrive whole."""
    found = [each for each in commands(REPORTS["github"]) if each[1].get("title") != "sio-infer"]
    counting = OUTCOME.verdict.counting
    assert len(found) == len(counting)
    for (command, properties, message), finding in zip(found, counting, strict=True):
        assert command == "error"
        assert properties.keys() <= {"file", "line", "col", "title"}
        assert properties["title"] == finding.rule.id
        assert message.splitlines()[0] == plain(finding.message, 500)


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.scripts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        (self.scripts if self.cdata_elem == "script" else self.said).append(data)


def test_the_page_runs_its_own_script_only() -> None:
    """Names become text: no element, no attribute and no script comes from them."""
    page = Page(REPORTS["html"])
    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "span", "h1", "h2", "p", "ul", "li", "b", "main", "div", "input",
        "button", "details", "summary", "strong", "dl", "dt", "dd", "code", "progress", "footer", "script",
    }  # fmt: skip
    assert not [
        name
        for _, attributes in page.tags
        for name in attributes
        if name.startswith("on") or name in {"src", "href", "style"}
    ]
    assert len(page.scripts) == 1
    policy = next(
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    said = "".join(page.said)
    for text in HOSTILE:
        assert plain(text) in said


def test_markdown_is_read_as_it_was_meant() -> None:
    """By a CommonMark parser with tables and HTML on: the rows are the findings, and names bring no tag, link or mention."""
    page = Page(MarkdownIt("commonmark", {"html": True}).enable("table").render(REPORTS["markdown"]))
    tags = [tag for tag, _ in page.tags]
    assert set(tags) <= {
        "h2", "p", "strong", "em", "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "code", "br", "ul", "li",
    }  # fmt: skip
    assert all(attributes.keys() <= {"open"} for _, attributes in page.tags)
    tables = tags.count("table")
    assert tags.count("tr") == tables + len(OUTCOME.verdict.findings)
    assert tags.count("td") == 3 * len(OUTCOME.verdict.findings)
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", REPORTS["markdown"])
    assert not re.search(r"[@#]\w|\w:\w|www\.", outside)
    said = "".join(page.said)
    for text in HOSTILE:
        assert plain(text) in said


def test_junit_keeps_its_cases() -> None:
    """A name cannot close an element; each case is a finding."""
    root = ET.fromstring(REPORTS["junit"])
    cases = list(root.iter("testcase"))
    assert len(cases) == len(OUTCOME.verdict.findings)
    names = {case.get("name") for case in cases}
    for finding in OUTCOME.verdict.findings:
        assert any(name is not None and name.endswith(plain(finding.message, 500)) for name in names)


def test_sarif_messages_hold_no_links_and_its_addresses_are_addresses() -> None:
    """Square brackets and braces are syntax in a message, and are escaped; paths are quoted."""
    (run,) = json.loads(REPORTS["sarif"])["runs"]
    for result in run["results"]:
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)(\\\\)*[\[\]]", text)
        assert "{" not in text.replace("{{", "")
        assert "}" not in text.replace("}}", "")
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"[A-Za-z0-9._~/%-]+", uri)
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert "<img src=x onerror=alert(1)>.yml" in {unquote(uri) for uri in uris}


def test_json_gives_names_back_as_they_were() -> None:
    """Even lone surrogates; all of it is ASCII."""
    assert REPORTS["json"].isascii()
    events = {finding["event"] for finding in json.loads(REPORTS["json"])["findings"]}
    assert events == set(HOSTILE)
