"""Every kind of change, at every place of two inferred documents: what the diff says of each, and nothing else."""

from __future__ import annotations

import pytest

from bench.diff_mutations import RECORDINGS, Score, document_of, judge
from bench.mutations import mutations
from infer.diff import KINDS, Group

FILES = dict(RECORDINGS)


@pytest.mark.parametrize("name", ["orders", "files"])
def test_each_change_is_found_once_where_it_is_and_nothing_else(name: str) -> None:
    """Recall and precision are 1, and each finding has the level of the table."""
    score = Score()
    wrong = [line for mutation in mutations(document_of(FILES[name])) for line in judge(mutation, score)]
    assert wrong == []
    assert score.right == score.expected == score.found == score.levels
    assert score.changes > 250


def test_nearly_every_kind_has_a_place_there() -> None:
    """What has none are variants, of which these recordings have none, and the ways back of what is changed in pairs."""
    made = {mutation.kind for name in ("orders", "files") for mutation in mutations(document_of(FILES[name]))}
    changes = {kind.name for kind in KINDS.values() if kind.group is Group.CHANGE}
    assert changes - made == {"variant-added", "variant-removed", "path-added", "protocol-added"}
