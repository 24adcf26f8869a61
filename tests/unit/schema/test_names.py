"""Names: what a person would choose, unique, and the same when more is added."""

from __future__ import annotations

from typing import Any

import pytest

from infer.schema import Args, Root, Rules, build
from infer.schema.words import singular, title, words


@pytest.mark.parametrize(
    ("many", "one"),
    [("users", "user"), ("callFrames", "callFrame"), ("categories", "category"), ("boxes", "box"), ("children", "child"),
     ("status", "status"), ("address", "address"), ("news", "news"), ("USERS", "USER"), ("item", "item"), ("", ""),
     ("ids", "id"), ("userIDs", "userID"), ("URLs", "URL")],
)  # fmt: skip
def test_singular(many: str, one: str) -> None:
    """Of what there are many, the name of one, written alike."""
    assert singular(many) == one


def test_words_and_titles() -> None:
    """However a name is written, its words are the same; where a part ends as the next begins it is said once."""
    assert words("createdAt") == words("created_at") == words("created-at") == ("created", "at")
    assert words("userIDs") == words("user_ids") == ("user", "ids")
    assert words("HTTPStatus") == ("http", "status")
    assert title(("chat message", "message id")) == "ChatMessageId"
    assert title(("7up",)) == "N7Up"


def built(**events: Any) -> Any:
    args = {}
    for name, payload in events.items():
        args[name] = Args()
        args[name].add([payload], 0)
    return build({name: Root(evidence, (name,)) for name, evidence in args.items()}, Rules(), "#/")


def test_items_are_named_as_one_of_what_their_list_is() -> None:
    """And their objects as where they stand."""
    made = built(menu={"dishes": [{"price": 1, "hot": True}]})
    assert made.schemas["menu"]["properties"]["dishes"]["items"]["title"] == "MenuDish"


def test_titles_are_unique() -> None:
    """Names that come to the same get a number, in order."""
    made = built(a={"b c": {"x": 1}, "b_c": {"y": 1}})
    assert [part["title"] for part in made.schemas["a"]["properties"].values()] == ["ABC", "ABC2"]


def test_a_shared_type_keeps_its_name_when_captures_are_added() -> None:
    """It is called what most places call it."""
    user = {"id": 1, "since": 2, "admin": True}
    before = built(join={"user": user}, leave={"user": user})
    after = built(join={"user": user}, leave={"user": user}, kick={"by": user})
    assert list(before.definitions) == list(after.definitions) == ["User"]


def test_a_name_that_an_event_has_is_not_taken() -> None:
    """The event keeps it; the type is called by more of its path."""
    user = {"id": 1, "since": 2, "admin": True}
    made = built(user=1, join={"user": user}, leave={"user": user})
    assert made.schemas["user"]["title"] == "User"
    assert list(made.definitions) == ["JoinUser"]
