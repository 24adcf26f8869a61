"""`infer.update.revision`: a document that a person wrote, held to traffic."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import pytest

from infer.asyncapi.source import parse, plain
from infer.errors import SpecError
from infer.model import Direction, Event
from tests.unit.update.observed import contract_of, revision_of, seen

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: Chat, version: 1.0.0}
channels:
  root:
    address: /
    messages:
      say:
        name: say
        description: What somebody writes.
        payload:
          type: object
          properties:
            text: {type: string}   # as typed
            state: {type: string, enum: [new]}
            token: {type: string, enum: [none]}
            likes: {type: integer}
          required: [text, likes]
      join:
        name: join
        payload: {$ref: '#/components/schemas/Room'}
      leave: {name: leave}

operations:
  say: {action: receive, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/say'}]}
  join: {action: receive, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/join'}]}
  leave: {action: receive, channel: {$ref: '#/channels/root'}, messages: [{$ref: '#/channels/root/messages/leave'}]}
components:
  schemas:
    Room: {type: string, description: Its name.}
"""
SAY = {"text": "a", "likes": 1}


def lines(text: str, observations: Sequence[Event]) -> list[str]:
    """Lines that came, stripped; the revision takes the traffic, and what was there before is there still."""
    revision = revision_of(text, observations)
    assert revision.contradicted == []
    changed = revision.texts.get("asyncapi.yml", text)
    again = revision_of(changed, observations)
    assert again.texts == {}
    assert again.contradicted == []
    old = text.splitlines()
    return [line.strip() for line in changed.splitlines() if line not in old]


@pytest.mark.parametrize(
    "observations",
    [
        [],
        [seen("say", SAY), seen("join", "lobby"), seen("leave")],
        [seen("say", {**SAY, "state": "new"})],
    ],
)
def test_what_is_declared_changes_nothing(observations: list[Event]) -> None:
    """Not a byte."""
    revision = revision_of(DOCUMENT, observations)
    assert revision.texts == {}
    assert revision.added == revision.widened == revision.contradicted == []


@pytest.mark.parametrize(
    ("observation", "came"),
    [
        (seen("say", {**SAY, "at": 1.5}), ["at:", "type: number"]),
        (seen("say", {"text": "a"}), ["required: [text]"]),
        (seen("say", {"text": None, "likes": 1}), ["text: {type: [string, 'null']} # as typed"]),
        (seen("say", {"text": "a", "likes": 0.5}), ["likes: {type: number}"]),
        (seen("say", {**SAY, "state": "archived"}), ["state: {type: string, enum: [new, archived]}"]),
        (seen("say", {**SAY, "token": "archived"}), ["token: {type: string}"]),
        (seen("join", 7), ["Room: {type: [string, integer], description: Its name.}"]),
    ],
)
def test_a_declared_event_is_widened_where_it_was_refused(observation: Event, came: list[str]) -> None:
    """By the least that takes it; a value comes out only where the secrecy policy lets it."""
    assert lines(DOCUMENT, [observation]) == came


def test_what_variants_have_in_common_is_written_in_each() -> None:
    """A property that is new has no component to refer to."""
    who = {"id": 1, "since": 2}
    variants = [{"type": "join", "who": who, "room": 2}, {"type": "say", "who": who, "text": "x"}]
    came = lines(DOCUMENT, [seen("say", {**SAY, "last": each}) for each in variants * 12])
    assert came.count("since:") == 2
    assert not [line for line in came if "$ref" in line]


def test_arguments_and_acknowledgements_that_are_new_are_declared() -> None:
    """More arguments, fewer, and an answer."""
    observations = [seen("join", "lobby", 3), seen("join"), seen("leave", ack=[True])]
    assert "- {$ref: '#/components/schemas/Room'}" in lines(DOCUMENT, observations)
    data = plain(parse(revision_of(DOCUMENT, observations).texts["asyncapi.yml"], "a.yml"))
    messages = data["channels"]["root"]["messages"]
    room = {"$ref": "#/components/schemas/Room"}
    assert messages["join"]["payload"]["items"] == [room, {"type": "integer"}]
    assert (messages["join"]["payload"]["minItems"], messages["join"]["payload"]["maxItems"]) == (0, 2)
    assert messages["leave"]["x-ack"] == {"args": {"type": "boolean"}}
    assert messages["leaveAck"]["payload"] == {"type": "boolean"}
    channel = "#/channels/root"
    assert data["operations"]["leave"]["reply"] == {"channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/leaveAck"}]}


def test_a_new_event_and_a_new_namespace_come_as_a_draft_has_them() -> None:
    """With their operations, replies and components."""
    observations = [
        seen("poke", {"by": "a", "hard": True}, ack=["ok"]),
        seen("poked", 1, side=Direction.S2C),
        seen("kick", "a", namespace="/admin"),
    ]
    revision = revision_of(DOCUMENT, observations)
    data = plain(parse(revision.texts["asyncapi.yml"], "a.yml"))
    assert data["operations"]["root.receive.poke"]["reply"]["messages"] == [{"$ref": "#/channels/root/messages/pokeAck"}]
    assert data["operations"]["root.send.poked"]["action"] == "send"
    assert data["channels"]["admin"]["address"] == "/admin"
    assert data["components"]["messages"]["kick"]["payload"] == {"$ref": "#/components/schemas/Kick"}
    kinds = [finding.rule.kind.name for finding in revision.added]
    assert sorted(kinds) == ["undeclared-event", "undeclared-event", "undeclared-namespace"]
    assert lines(DOCUMENT, observations)


def test_a_component_of_the_same_name_is_left_alone() -> None:
    """What is new gets a number."""
    text = DOCUMENT.replace("    Room:", "    Poke: {type: boolean}\n    Room:")
    data = plain(parse(revision_of(text, [seen("poke", 1)]).texts["asyncapi.yml"], "a.yml"))
    assert data["components"]["schemas"]["Poke"] == {"type": "boolean"}
    assert data["components"]["messages"]["poke"]["payload"] == {"$ref": "#/components/schemas/Poke2"}


TREE = {"text": "a", "by": "ann", "replies": [{"text": "b", "by": "bob", "replies": [{"text": "c", "by": "ann", "replies": []}]}]}


@pytest.mark.parametrize(("taken", "name"), [("", "First"), ("    First: {type: boolean}\n", "First2")])
def test_a_new_event_may_bring_a_type_that_refers_to_itself(taken: str, name: str) -> None:
    """Under the name that it has here, which is another one where that name is taken."""
    text = DOCUMENT.replace("    Room:", f"{taken}    Room:")
    observations = [seen("thread", {"first": TREE, "pinned": TREE}, namespace=namespace) for namespace in ("/", "/admin")]
    assert lines(text, observations)
    schemas = plain(parse(revision_of(text, observations).texts["asyncapi.yml"], "a.yml"))["components"]["schemas"]
    assert schemas[name]["properties"]["replies"]["items"] == {"$ref": f"#/components/schemas/{name}"}
    assert schemas["First"] == ({"type": "boolean"} if taken else schemas[name])
    assert [key for key in schemas if key.startswith("First")] == sorted({"First", name})


def test_what_refers_to_another_of_its_name_is_another_itself() -> None:
    """Though it reads as the one that is there: that one refers to what the document has by the name."""
    who = {"id": 1, "name": "ann", "mail": "a"}
    observations = [seen("poke", {"by": who, "to": who})] * 3
    by = "{$ref: '#/components/schemas/By'}"
    poke = f"{{title: Poke, type: object, properties: {{by: {by}, to: {by}}}, required: [by, to]}}"
    text = DOCUMENT.replace("    Room:", f"    By: {{type: string}}\n    Poke: {poke}\n    Room:")
    schemas = plain(parse(revision_of(text, observations).texts["asyncapi.yml"], "a.yml"))["components"]["schemas"]
    assert schemas.keys() == {"By", "Poke", "Room", "By2", "Poke2"}
    assert schemas["Poke2"]["properties"] == {key: {"$ref": "#/components/schemas/By2"} for key in ("by", "to")}
    assert schemas["By2"]["properties"].keys() == who.keys()


UNION = """\
          oneOf:    # by what was done
            - type: object
              title: Joined    # as was agreed
              properties: {action: {const: join}, who: {type: string}}
              required: [action, who]
            # the other one
            - type: object
              title: Said
              properties:
                action: {const: say}    # aloud
                text: {type: string}
              required: [action, text]
"""


def test_a_union_gets_its_new_variants_and_keeps_its_words() -> None:
    """One each, with what they have; nothing else is declared for the sake of them."""
    head, _, tail = DOCUMENT.partition("          type: object\n")
    text = head + UNION + tail[tail.index("      join:") :]
    done = [{"action": "leave", "who": "ann", "after": 5}, {"action": "draw", "at": [1, 2], "with": None}] * 6
    observations = [seen("say", each, session=number) for number, each in enumerate(done)]
    revision = revision_of(text, observations)
    changed = revision.texts["asyncapi.yml"]
    assert [line for line in text.splitlines() if line not in changed.splitlines()] == ["          oneOf:    # by what was done"]
    assert "          anyOf:    # by what was done" in changed
    payload = plain(parse(changed, "a.yml"))["channels"]["root"]["messages"]["say"]["payload"]
    assert payload.keys() == {"anyOf"}
    assert [variant["properties"]["action"]["const"] for variant in payload["anyOf"]] == ["join", "say", "draw", "leave"]
    assert revision.contradicted == []


def test_an_acknowledgement_that_never_comes_is_left_to_a_person() -> None:
    """No change of the document is the answer, but that it is not kept to is said."""
    text = DOCUMENT.replace("leave: {name: leave}", "leave: {name: leave, x-ack: {args: {type: boolean}}}")
    asked = [msgspec.structs.replace(seen("leave"), ack_asked=True)] * 3
    revision = revision_of(text, asked)
    assert (revision.texts, revision.added, revision.widened) == ({}, [], [])
    assert [(finding.rule.id, finding.event, finding.count) for finding in revision.contradicted] == [("c2s-missing-ack", "leave", 3)]


def test_null_among_what_is_new_is_written_out() -> None:
    """As in a draft; what a person left empty stays so."""
    text = DOCUMENT.replace("enum: [none]}", "enum: [none], default: }").replace("state: {type: string, enum: [new]}", "state: {type: [string, 'null']}")
    kinds = [seen("poke", {"kind": kind, "who": "a"}, session=number) for number, kind in enumerate(["a", "b", None] * 9)]
    changed = revision_of(text, kinds).texts["asyncapi.yml"]
    assert "- null\n" in changed
    assert "enum: [none], default: }" in changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    address: /\n", "    address: /\n    x-sio-ignore: ['deb*']\n"),
        ("asyncapi: 3.0.0\n", "asyncapi: 3.0.0\nx-sio-ignore: [/]\n"),
        ("    address: /\n", "    address: /\n    x-sio-ignore: true\n"),
    ],
)
def test_events_that_are_marked_stay_out(before: str, after: str) -> None:
    """By their channel or their namespace; the findings are counted."""
    assert before in DOCUMENT
    revision = revision_of(DOCUMENT.replace(before, after), [seen("debug", 1)])
    assert revision.texts == {}
    assert revision.kept == 1


@pytest.mark.parametrize(
    ("mark", "kept"),
    [
        ("          x-sio-ignore: ['debug*']\n          type: object\n", {"debugInfo"}),
        ("          x-sio-ignore: true\n          type: object\n", {"debugInfo", "extra", "text"}),
    ],
)
def test_parts_that_are_marked_stay_as_they_are(mark: str, kept: set[str]) -> None:
    """A list names properties that stay out, `true` keeps the whole schema."""
    text = DOCUMENT.replace("          type: object\n", mark)
    revision = revision_of(text, [seen("say", {"text": "a", "likes": 1, "debugInfo": 1, "extra": 2})])
    result = revision.texts.get("asyncapi.yml", text)
    assert ("extra:" in result) == ("extra" not in kept)
    assert "debugInfo" not in result
    message = DOCUMENT.replace("        name: say\n", "        name: say\n        x-sio-ignore: true\n")
    assert revision_of(message, [seen("say", {"other": 1})]).texts == {}


def test_a_change_is_made_in_the_file_that_it_concerns() -> None:
    """References lead into others."""
    files = {"asyncapi.yml": DOCUMENT.replace("'#/components/schemas/Room'", "'schemas.yml#/Room'"), "schemas.yml": "# ours\nRoom: {type: string}\n"}
    revision = revision_of(files, [seen("join", None)])
    assert revision.texts == {"schemas.yml": "# ours\nRoom: {type: [string, 'null']}\n"}


def test_older_documents_are_revised_too() -> None:
    """AsyncAPI 2: events under publish and subscribe."""
    text = (
        "asyncapi: 2.6.0\ninfo: {title: t, version: '1'}\nchannels:\n  /:\n    publish:  # theirs\n"
        "      message: {name: say, payload: {type: string}}\n"
    )
    came = lines(text, [seen("say", "a"), seen("poke", 1), seen("poked", side=Direction.S2C)])
    assert "- $ref: '#/components/messages/poke'" in came
    assert "subscribe:" in came


def test_a_comment_behind_what_becomes_a_part_stays_behind_its_entry_alone() -> None:
    """It was written of the property, not of the first of its types."""
    text = DOCUMENT.replace("state: {type: string, enum: [new]}", "state: {type: string, enum: [new]}  # of what is written")
    changed = revision_of(text, [seen("say", {**SAY, "state": 5})]).texts["asyncapi.yml"]
    assert changed.count("# of what is written") == 1
    assert re.search(r"state: +# of what is written\n +anyOf:\n +- {type: string, enum: \[new\]}\n +- type: integer\n", changed)


def test_what_has_entries_by_a_merge_key_is_left_to_a_person() -> None:
    """Whether they are to change at the anchor or here cannot be told; all else is changed, and the merge key kept."""
    text = DOCUMENT.replace("asyncapi: 3.0.0\n", "asyncapi: 3.0.0\nx-room: &room {type: string}\n")
    text = text.replace("Room: {type: string, ", "Room: {<<: *room, ")
    assert "Room: {<<: *room, description" in revision_of(text, [seen("say", {**SAY, "at": 1}), seen("join", "a")]).texts["asyncapi.yml"]
    with pytest.raises(SpecError, match="merge key"):
        revision_of(text, [seen("join", 1)])


BY_EVENT_V3 = """\
asyncapi: 3.0.0
channels:
  # what somebody says
  say: {address: 'chat:say', messages: {say: {name: ChatSay, payload: {type: string}}}}
  leave: {messages: {m: {}}}
operations:
  say: {action: receive, channel: {$ref: '#/channels/say'}}
  leave: {action: receive, channel: {$ref: '#/channels/leave'}}
"""
BY_EVENT_V2 = """\
asyncapi: 2.6.0
channels:
  # what somebody says
  chat:say:
    publish: {message: {name: ChatSay, payload: {type: string}}}
"""


@pytest.mark.parametrize("text", [BY_EVENT_V3, BY_EVENT_V2])
def test_a_document_by_event_gets_a_channel_for_each(text: str) -> None:
    """It stays what it is, comments and all, and what its operations are about does not change."""
    traffic = [
        seen("chat:say", "a", namespace="/chat"), seen("chat:say", 1, namespace="/chat", side=Direction.S2C),
        seen("chat:more", "a", 1, ack=[True]), seen("chat:gone", side=Direction.S2C), seen("/odd"),
    ]  # fmt: skip
    revision = revision_of(text, traffic)
    changed = revision.texts["asyncapi.yml"]
    assert "  # what somebody says\n" in changed
    (space,) = contract_of(changed).namespaces.values()
    assert not space.named
    assert [(str(side), name, len(event.args.alternatives)) for (side, name), event in sorted(space.events.items())] == [
        ("c2s", "chat:more", 1), ("c2s", "chat:say", 1), *([("c2s", "leave", 1)] if text is BY_EVENT_V3 else []),
        ("s2c", "chat:gone", 1), ("s2c", "chat:say", 1),
    ]  # fmt: skip
    assert [each.event for each in revision.contradicted] == ["/odd"]  # as a channel it would be a namespace
    assert revision_of(changed, traffic).texts == {}


def test_operations_about_all_of_a_channel_do_not_take_what_is_added() -> None:
    """The channel gets messages of either direction, and acknowledgements."""
    text = DOCUMENT.replace(", messages: [{$ref: '#/channels/root/messages/say'}]", "")
    for other in ("join", "leave"):
        text = "\n".join(line for line in text.splitlines() if not line.startswith(f"  {other}: {{action"))
    traffic = [seen("say", SAY), seen("said", 1, side=Direction.S2C)]
    events = contract_of(revision_of(text, traffic).texts["asyncapi.yml"]).namespaces["/"].events
    assert set(events) == {(Direction.C2S, name) for name in ("say", "join", "leave")} | {(Direction.S2C, "said")}
