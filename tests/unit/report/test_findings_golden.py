"""Every format, compared with a file that was read by a person."""

from __future__ import annotations

import pytest

from infer.report.findings import FORMATS
from tests.golden.write import OUTCOMES, path_of, rendered


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", OUTCOMES)
def test_the_report_is_the_golden_file(name: str, form: str) -> None:
    """To the byte: whoever changes a format sees in a review what users will see."""
    assert rendered(OUTCOMES[name](), form) == path_of(name, form).read_text("utf-8")


def test_no_golden_file_is_left_over() -> None:
    """Each belongs to an outcome and a format."""
    expected = {path_of(name, form) for name in OUTCOMES for form in FORMATS}
    assert set(path_of("changes", "text").parent.iterdir()) == expected
