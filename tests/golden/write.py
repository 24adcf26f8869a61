"""Writes the golden files again: `python -m tests.golden.write`. Read the difference before it is committed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from infer.report.findings import FORMATS, Outcome, renderer
from tests.unit.report import outcomes

FOLDER: Final = Path(__file__).parent / "findings"
OUTCOMES: Final = {"changes": outcomes.changes, "traffic": outcomes.traffic, "nothing": outcomes.nothing}
ENDINGS: Final = {
    "text": "txt", "json": "json", "markdown": "md", "html": "html", "junit": "junit.xml", "sarif": "sarif",
    "github": "github.txt", "gitlab": "gitlab.json",
}  # fmt: skip


def path_of(name: str, form: str) -> Path:
    """Where the golden file of an outcome in a format is."""
    return FOLDER / f"{name}.{ENDINGS[form]}"


def rendered(outcome: Outcome, form: str) -> str:
    """The report without what has tests of its own."""
    text = renderer(form)(outcome)
    if form == "sarif":
        log = json.loads(text)
        del log["runs"][0]["tool"]["driver"]["rules"]
        for result in log["runs"][0]["results"]:
            del result["ruleIndex"]
        return json.dumps(log, indent=2) + "\n"
    if form == "html":
        text = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", text, flags=re.DOTALL)
        return re.sub(r"'sha256-[^']*'", "'sha256-'", text)
    return text


def main() -> None:
    """Write all."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in OUTCOMES.items():
        for form in FORMATS:
            path_of(name, form).write_text(rendered(make(), form), "utf-8")


if __name__ == "__main__":
    main()
