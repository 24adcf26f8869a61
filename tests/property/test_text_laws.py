"""Documents as text: what PyYAML writes by its own way, and what it reads back."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from infer.asyncapi.emitter import represent_text
from infer.asyncapi.text import dump, escaped

WORDS = st.sampled_from(
    ["type", "object", "on", "No", "~", "null", "1e3", "0o17", "y", "- a", "a: b", "# no", "[", "'", '"', "", " x ", "a\nb", "a\n\nb ", "2026-11-28", "é",
     "\u200b", "\U0001f600", "!!str", "&a", "*a", "%", "@", "`", "---", "...", "=", "<<", "k" * 122, "k" * 123, "k" * 128, "w " * 2_100]
)  # fmt: skip
TEXTS = WORDS | st.text("aeflnorstuyTN01/.()$_- :#,~=+", max_size=8) | st.text(st.characters(exclude_categories=["Cs"]))
DOCUMENTS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
        lambda inner: st.lists(inner, max_size=4) | st.builds(tuple, st.lists(inner, max_size=2)) | st.dictionaries(TEXTS, inner, max_size=4),
        max_leaves=25,
    ),
    min_size=1,
)


class Plain(yaml.SafeDumper):
    """The same styles by PyYAML's own way: nodes of the document, events of the nodes, which its emitter writes."""

    def ignore_aliases(self, data: object) -> bool:
        """No anchors."""
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        del indentless
        super().increase_indent(flow, indentless=False)


Plain.add_representer(str, represent_text)


@given(DOCUMENTS)
@example({"a": [], "b": {}, "c": [[], {}, [[]]], "d": [{"e": []}], "f": 0.0, "g": -0.0, "h": 1, "i": True, "j": 1.0})
def test_the_text_is_the_one_of_pyyaml(document: dict[str, Any]) -> None:
    """To the byte: what is asked once, and what is not asked, would be answered alike."""
    assert dump(document) == escaped(yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True, width=4_096))


@given(DOCUMENTS)
def test_what_is_read_back_is_the_document(document: dict[str, Any]) -> None:
    """As YAML and as JSON."""
    plain = json.loads(json.dumps(document))
    assert yaml.safe_load(dump(document)) == plain
    assert json.loads(dump(document, "json")) == plain


def test_what_is_no_plain_data_is_refused() -> None:
    """As it was written, it would be read back as something else."""
    with pytest.raises(yaml.representer.RepresenterError):
        dump({"a": {1, 2}})
