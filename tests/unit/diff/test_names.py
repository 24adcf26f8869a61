"""Names that stand for many: what falls under them, in traffic and in another contract."""

from __future__ import annotations

from typing import Any

import pytest

from infer.diff import Compat, Conformance, Level, compare
from infer.diff.names import events, namespaces
from infer.model import Direction
from tests.unit.diff.documents import document, event, read_document, template
from tests.unit.diff.observations import said

S, INT = {"type": "string"}, {"type": "integer"}
Json = dict[str, Any]


def changes(before: Json, after: Json, compat: Compat = Compat.BACKWARD) -> set[tuple[str, str | None, str | None]]:
    """Rules with what they are about: the namespace where it is no event."""
    found = compare(read_document(before), read_document(after), compat)
    return {(each.rule.id, each.namespace if each.event is None else each.event, each.slot) for each in found}


def rooms(schema: Json, *names: str, direction: str = "s2c") -> list[Json]:
    return [event(direction, schema, name=name) for name in names]


@pytest.mark.parametrize("backwards", [False, True])
def test_the_most_specific_name_is_found_in_whatever_order_they_stand(backwards: bool) -> None:
    """A fixed one first, then the template with the most fixed text; none of the other direction."""
    made = [
        template("s2c", name="room:{id}"), template("s2c", name="room:{id}:msg"), event("s2c", name="room:7:msg"),
        template("c2s", name="room:8:{what}"),
    ]  # fmt: skip
    declared = read_document(document(*(made[::-1] if backwards else made)))
    names = events(declared.namespaces["/"], Direction.S2C)
    found = {name: names.of(name) for name in ("room:7:msg", "room:8:msg", "room:8", "room:8:x", "room:", "hall:8")}
    assert {name: None if each is None else each.name for name, each in found.items()} == {
        "room:7:msg": "room:7:msg", "room:8:msg": "room:{id}:msg", "room:8": "room:{id}", "room:8:x": "room:{id}", "room:": None,
        "hall:8": None,
    }  # fmt: skip


def test_data_in_the_name_of_a_namespace_has_no_slash() -> None:
    """As the parameter of an address."""
    found = namespaces(read_document(document(namespaces=("/", "/tenant-{id}"))))
    assert [each is not None for each in map(found.of, ("/tenant-a", "/tenant-a/live", "/tenant-"))] == [True, False, False]


def test_events_that_became_one_template_are_compared_with_it() -> None:
    """They are not gone, and the template is not merely new; going back, the names that no event has are gone."""
    before, after = document(*rooms(S, "room:1", "room:2")), document(template("s2c", S))
    assert changes(before, after) == {("s2c-event-names-widened", "room:{id}", None)}
    assert changes(after, before) == {("s2c-event-names-narrowed", "room:{id}", None)}
    other = document(template("s2c", INT))
    each = {("s2c-type-replaced", "room:1", "args[0]"), ("s2c-type-replaced", "room:2", "args[0]")}
    assert changes(before, other) == {("s2c-event-names-widened", "room:{id}", None), *each}
    assert changes(other, before) == {("s2c-event-names-narrowed", "room:{id}", None), *each}


def test_acknowledgements_are_compared_with_those_of_the_template() -> None:
    """By the fixed name, whichever side has it."""
    fixed, made = document(event("c2s", S, name="room:1", ack=[S])), document(template("c2s", S))
    assert changes(fixed, made) == {("c2s-event-names-widened", "room:{id}", None), ("c2s-ack-removed", "room:1", None)}
    assert changes(made, fixed) == {("c2s-event-names-narrowed", "room:{id}", None), ("c2s-ack-added", "room:1", None)}


def test_names_of_the_other_direction_or_of_no_template_are_gone_and_new() -> None:
    """A fixed name with braces in it is no template."""
    fixed = document(*rooms(S, "room:1"))
    for other in (template("c2s", S), event("s2c", S, name="room:{id}"), template("s2c", S, name="hall:{id}")):
        side = other["direction"]
        assert changes(fixed, document(other)) == {("s2c-event-removed", "room:1", None), (f"{side}-event-added", other["name"], None)}


def test_namespaces_that_became_one_template_are_compared_with_it() -> None:
    """Events and handshake."""

    def spaces(*names: str, **more: Any) -> Json:
        made = document(event("s2c", S), namespaces=(*names, "/"))
        made["channels"][names[0].strip("/")] |= more
        return made

    fixed = spaces("/auction-1", "/auction-77")
    made = spaces("/auction-{id}", **{"x-socketio-auth": S})
    assert changes(fixed, made) == {
        ("namespace-names-widened", "/auction-{id}", None), ("c2s-auth-added", "/auction-1", "auth"),
        ("c2s-auth-added", "/auction-77", "auth"), ("s2c-event-added", "say", None),
    }  # fmt: skip
    assert changes(made, fixed) == {
        ("namespace-names-narrowed", "/auction-{id}", None), ("c2s-auth-removed", "/auction-1", "auth"),
        ("c2s-auth-removed", "/auction-77", "auth"), ("s2c-event-removed", "say", None),
    }  # fmt: skip


def test_a_placeholder_may_be_called_anything() -> None:
    """The names are the same, so nothing is said of them; what else changed is said of the base's."""
    before, after = template("c2s", S), template("c2s", INT, name="room:{number}")
    assert changes(document(before), document(template("c2s", S, name="room:{number}"))) == set()
    assert changes(document(before), document(after)) == {("c2s-type-replaced", "room:{id}", "args[0]")}
    twice = document(before, template("c2s", INT, name="room:{number}"))
    assert changes(twice, twice) == set()


def test_a_template_may_take_the_place_of_another() -> None:
    """The wider one covers the narrower one, whose names are among its own."""
    narrow, wide = document(template("c2s", S, name="room:{id}:msg")), document(template("c2s", S, name="{any}:msg"))
    assert changes(narrow, wide) == {("c2s-event-names-widened", "{any}:msg", None)}
    assert changes(wide, narrow) == {("c2s-event-names-narrowed", "{any}:msg", None)}


def test_what_stands_beside_a_template_is_another_event() -> None:
    """`user:typing` beside `user:{id}` is gone or new, though the template's text would take it; `user:7` was made by the template."""
    alone = template("c2s", S, name="user:{id}")
    for name, there, back in (("user:typing", "removed", "added"), ("user:{id}:typing", "removed", "added")):
        more = (template if "{" in name else event)("c2s", S, name=name)
        assert changes(document(alone, more), document(alone)) == {(f"c2s-event-{there}", name, None)}
        assert changes(document(alone), document(alone, more)) == {(f"c2s-event-{back}", name, None)}
    seven = event("c2s", INT, name="user:7")
    assert changes(document(alone, seven), document(alone)) == {("c2s-type-replaced", "user:7", "args[0]")}
    assert changes(document(alone), document(alone, seven)) == {("c2s-type-replaced", "user:7", "args[0]")}


def test_a_fixed_name_that_stays_is_compared_with_itself() -> None:
    """The template that comes beside it is new: it takes no one's place."""
    before, after = document(*rooms(S, "room:1")), document(*rooms(S, "room:1"), template("s2c", INT))
    assert changes(before, after) == {("s2c-event-added", "room:{id}", None)}
    assert changes(after, before) == {("s2c-event-removed", "room:{id}", None)}


def test_further_names_harm_those_who_stay_on_the_old_server() -> None:
    """Going forward, new clients use names that the old server does not know."""
    (found,) = compare(read_document(document(*rooms(S, "room:1"))), read_document(document(template("s2c", S))), Compat.FORWARD)
    assert (found.rule.id, found.level) == ("s2c-event-names-widened", Level.ERROR)


def test_an_acknowledgement_that_is_not_declared_is_one_finding_of_the_template() -> None:
    """Whatever the names."""
    conformance = Conformance(read_document(document(template("c2s", S))))
    for number in range(3):
        conformance.add(said("c2s", "", name=f"room:{number}", ack=[1]))
    (found,) = conformance.findings()
    assert (found.rule.id, found.event, found.count) == ("c2s-undeclared-ack", "room:{id}", 3)


def by_event(*names: str) -> Json:
    """A document whose channels are events that the client emits."""
    return {
        "asyncapi": "2.6.0",
        "channels": {name: {"publish": {"message": {"name": f"{name}Dto", "payload": S}}} for name in names},
    }


def test_events_of_no_certain_namespace_are_those_of_any() -> None:
    """Where the channels are events, no namespace is declared, so none is undeclared."""
    conformance = Conformance(read_document(by_event("join", "say")))
    for each in (said("c2s", "a"), said("c2s", "a", namespace="/chat"), said("c2s", 1, name="join", namespace="/chat")):
        conformance.add(each)
    conformance.add(said("c2s", name="leave", namespace="/chat"))
    assert {(each.rule.id, each.event, each.count) for each in conformance.findings()} == {
        ("c2s-type-mismatch", "join", 1), ("c2s-undeclared-event", "leave", 1),
    }  # fmt: skip
    assert conformance.coverage().share == 1.0


def test_a_document_by_event_is_compared_with_one_by_namespace() -> None:
    """Saying of events in which namespace they are takes none of them away."""
    before, after = by_event("join", "say"), document(*(event("c2s", S, name=name) for name in ("join", "say")), namespaces=("/chat",))
    assert changes(before, after) == changes(after, before) == set()
    assert changes(before, by_event("join")) == {("c2s-event-removed", "say", None)}
