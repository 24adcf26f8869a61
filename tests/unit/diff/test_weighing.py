"""Changes weighed by traffic; and the patch that ends what does not conform."""

from __future__ import annotations

import json
from typing import Any

import jsonpatch
import msgspec
import pytest

from infer.diff import Conformance, Finding, Level, Weighing, Weight, compare, patch
from tests.unit.diff.documents import document, event, read_document, template
from tests.unit.diff.observations import OTHER_SERVER, SERVER, connected, opened, said

S, INT = {"type": "string"}, {"type": "integer"}


def weighed(before: dict[str, Any], after: dict[str, Any], *observations: Any) -> list[Finding]:
    base, revision = read_document(before), read_document(after)
    weighing = Weighing(compare(base, revision), base, revision)
    for observation in observations:
        weighing.add(observation)
    return weighing.findings()


def by_event(before: dict[str, Any], after: dict[str, Any], *observations: Any) -> dict[tuple[str, str | None], tuple[Weight | None, Level]]:
    """Weights and levels, by rule and event."""
    return {(each.rule.id, each.event): (each.weight, each.level) for each in weighed(before, after, *observations)}


def test_what_a_client_sends_tells_exactly_how_much_breaks() -> None:
    """Values that the revision refuses, of all that were seen; where none is, the error becomes a warning."""
    before, after = document(event("c2s", S)), document(event("c2s", S | {"maxLength": 3}))
    (found,) = weighed(before, after, said("c2s", "abc"), said("c2s", "abcd"), said("s2c", "abcde"))
    assert (found.weight, found.level) == (Weight(1, 2), Level.ERROR)
    (found,) = weighed(before, after, said("c2s", "abc"))
    assert (found.weight, found.level) == (Weight(0, 1), Level.WARNING)
    (found,) = weighed(before, after)
    assert (found.weight, found.level) == (Weight(0, 0), Level.ERROR)
    (found,) = weighed(after, before, said("c2s", "abc"))
    assert (found.weight, found.level) == (None, Level.INFO)


def test_what_a_server_sends_is_weighed_by_how_often_the_part_is_met() -> None:
    """Old recordings cannot show new values, so every value of the part that changes counts."""
    part = {"type": "object", "properties": {"a": S, "b": S}}
    changed = {"type": "object", "properties": {"a": {"type": ["string", "null"]}, "b": S}}
    before, after = document(event("s2c", part)), document(event("s2c", changed))
    (found,) = weighed(before, after, said("s2c", {"a": ""}), said("s2c", {"b": ""}))
    assert (found.rule.id, found.weight, found.level) == ("s2c-null-allowed", Weight(1, 2), Level.ERROR)
    (found,) = weighed(before, after, said("s2c", {"b": ""}))
    assert (found.weight, found.level) == (Weight(0, 1), Level.WARNING)


def test_a_change_in_a_variant_is_weighed_by_values_of_that_variant() -> None:
    """By its tag, though the value may not conform to it any more."""

    def tagged(schema: Any) -> dict[str, Any]:
        return {
            "oneOf": [
                {"type": "object", "properties": {"t": {"const": tag}, "n": schema if tag == "x" else S}, "required": ["t", "n"]}
                for tag in ("x", "y")
            ]
        }

    before, after = document(event("c2s", tagged(S))), document(event("c2s", tagged(INT)))
    (found,) = weighed(before, after, said("c2s", {"t": "x", "n": ""}), said("c2s", {"t": "y", "n": ""}))
    assert (found.rule.id, found.path, found.weight) == ("c2s-type-replaced", "oneOf/0/properties/n", Weight(1, 2))


SHORT = S | {"maxLength": 3}


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def lists(*items: Any, rest: Any) -> dict[str, Any]:
    return {"type": "array", "items": rest, **({"prefixItems": list(items)} if items else {})}


@pytest.mark.parametrize(
    ("before", "after", "values", "expected"),
    [
        (lists(rest=S), lists(rest=SHORT), [["a", "long"], ["abc"], []], Weight(1, 3)),
        (lists(S, S, rest=S), lists(S, SHORT, rest=S), [["a", "long"], ["long", "abc"], ["long"]], Weight(1, 3)),
        (lists(S, rest=S), lists(S, rest=SHORT), [["long", "abc"], ["abc", "abc", "long"]], Weight(1, 2)),
        (of(**{"a/b~c": S}), of(**{"a/b~c": SHORT}), [{"a/b~c": "long"}, {"a": "long"}, {"a/b~c": ""}], Weight(1, 3)),
        (of(k=S) | {"additionalProperties": S}, of(k=S) | {"additionalProperties": SHORT}, [{"k": "long"}, {"x": "long"}], Weight(1, 2)),
        ({"patternProperties": {"^x-": S}}, {"patternProperties": {"^x-": SHORT}}, [{"x-a": "long"}, {"y": "long"}, {"x-b": ""}], Weight(1, 3)),
        ({"anyOf": [S, INT]}, {"anyOf": [SHORT, INT]}, ["long", "abc", 7], Weight(1, 3)),
        ({"anyOf": [of(a=S), lists(rest=S)]}, {"anyOf": [of(a=SHORT), lists(rest=S)]}, [{"a": "long"}, ["long"], {"b": "long"}], Weight(1, 3)),
        (of(a=lists(rest=of(b=S))), of(a=lists(rest=of(b=SHORT))), [{"a": [{"b": ""}, {"b": "long"}]}, {"a": []}, {}], Weight(1, 3)),
    ],
)
def test_only_the_part_that_changes_is_weighed(before: Any, after: Any, values: list[Any], expected: Weight) -> None:
    """Wherever it stands in the value; a value in which it is twice counts once."""
    (found,) = weighed(document(event("c2s", before)), document(event("c2s", after)), *(said("c2s", value) for value in values))
    assert (found.rule.id, found.weight) == ("c2s-bound-tightened", expected)


def test_a_property_that_may_be_missing_is_weighed_by_those_who_were_given_it() -> None:
    """Who reads it has it no more."""
    declared = document(event("s2c", of(a=S, b=S) | {"required": ["a"]}))
    values = [said("s2c", {"a": "", "b": ""}), said("s2c", {"a": ""}), said("s2c", {"a": ""})]
    (found,) = weighed(declared, document(event("s2c", of(a=S) | {"required": ["a"]})), *values)
    assert (found.rule.id, found.weight) == ("s2c-property-optional-removed", Weight(1, 3))
    (found,) = weighed(declared, document(event("s2c", of(a=S, b=S))), *values, said("s2c", {"b": ""}))
    assert (found.rule.id, found.weight) == ("s2c-property-became-optional", Weight(3, 4))


def test_arguments_and_acknowledgements_are_weighed_by_their_place() -> None:
    """By those that were there; an acknowledgement that is new by the events that ask for none."""
    before, after = document(event("s2c", S, S, least=1, ack=[S, S])), document(event("s2c", S, ack=[S, SHORT]))
    traffic = [said("s2c", ""), said("s2c", "", "", ack=["long", "abc"]), said("s2c", "", ack=["", "long"]), said("s2c", "", ack=[""])]
    found = {(each.rule.id, each.slot): each.weight for each in weighed(before, after, *traffic)}
    assert found == {("s2c-arg-optional-removed", "args[1]"): Weight(1, 4), ("c2s-bound-tightened", "ack[1]"): Weight(1, 2)}
    found = {(each.rule.id, each.slot): each.weight for each in weighed(document(event("s2c", S)), document(event("s2c", S, ack=[S])), *traffic)}
    assert found == {("s2c-ack-added", None): Weight(1, 4)}


def test_handshakes_are_weighed_by_paths_protocols_and_queries() -> None:
    """Socket.IO's protocol 4 is over Engine.IO's 3, and 5 over 4."""

    def at(path: str, version: str, room: Any) -> dict[str, Any]:
        server = {"host": "h", "protocol": "ws", "pathname": path, "protocolVersion": version}
        return document(event("c2s"), servers={"s": server}, channel={"bindings": {"ws": {"query": of(room=room)}}})

    traffic = [opened(SERVER, ("room", "long"), protocol=3), opened(SERVER, ("room", "abc")), opened(OTHER_SERVER, protocol=4)]
    found = {each.rule.id: each.weight for each in weighed(at("/socket.io/", "4", S), at("/rt/", "5", SHORT), *traffic)}
    assert found == {
        "path-removed": Weight(2, 3), "protocol-removed": Weight(1, 3), "c2s-bound-tightened": Weight(1, 3),
        "path-added": None, "protocol-added": None,
    }  # fmt: skip


def test_connects_are_weighed_by_what_they_had() -> None:
    """An `auth` that is demanded now by those without; one that was refused says nothing of it, but what it was told."""
    none, some = document(event("c2s")), document(event("c2s"), channel={"x-socketio-auth": S, "x-socketio-connect-error": S})
    after = document(event("c2s"), channel={"x-socketio-auth": S, "x-socketio-connect-error": INT})
    traffic = [connected(), connected(auth="x"), connected(accepted=False, error="no"), connected(accepted=False)]
    assert {each.rule.id: each.weight for each in weighed(none, some, *traffic)} == {"c2s-auth-added": Weight(1, 2), "s2c-refusal-added": None}
    assert {each.rule.id: each.weight for each in weighed(some, after, *traffic)} == {"s2c-type-replaced": Weight(1, 1)}


def test_events_acks_arguments_and_handshakes_are_weighed() -> None:
    """What is gone is weighed by how often it was there; an acknowledgement by how often it was asked for."""
    before = document(event("c2s", S, ack=[S]), event("c2s", name="bye"), channel={"x-socketio-auth": S})
    after = document(event("c2s", S, INT), channel={"x-socketio-auth": INT})
    traffic = [said("c2s", ""), said("c2s", "", ack=[""]), said("c2s", name="bye"), connected(auth=""), connected()]
    found = {each.rule.id: each.weight for each in weighed(before, after, *traffic)}
    assert found == {
        "c2s-event-removed": Weight(1, 1),
        "c2s-ack-removed": Weight(1, 2),
        "c2s-arg-required-added": Weight(2, 2),
        "c2s-type-replaced": Weight(1, 1),
    }


def test_changes_of_a_template_are_weighed_by_its_names() -> None:
    """Not by a fixed name beside it, nor by the other direction."""
    before = document(template("c2s", S), event("c2s", S, name="room:1"))
    after = document(template("c2s", S | {"maxLength": 3}), event("c2s", S, name="room:1"))
    traffic = [said("c2s", text, name=name) for name, text in (("room:2", "long"), ("room:3", "abc"), ("room:1", "long"), ("hall", "long"))]
    found = by_event(before, after, *traffic, said("s2c", "long", name="room:4"))
    assert found == {("c2s-bound-tightened", "room:{id}"): (Weight(1, 2), Level.ERROR)}


def test_names_that_are_gone_are_weighed_by_those_that_are_not_left() -> None:
    """A template that is gone by all of its names."""
    traffic = [said("s2c", "", name=name) for name in ("room:1", "room:2", "room:3")]
    before = document(template("s2c", S))
    found = by_event(before, document(event("s2c", S, name="room:1"), event("s2c", S, name="room:2")), *traffic)
    assert found == {("s2c-event-names-narrowed", "room:{id}"): (Weight(1, 3), Level.ERROR)}
    found = by_event(before, document(event("s2c", S, name="room:1"), event("s2c", S, name="room:2")), *traffic[:2])
    assert found == {("s2c-event-names-narrowed", "room:{id}"): (Weight(0, 2), Level.WARNING)}
    assert by_event(before, document(), *traffic) == {("s2c-event-removed", "room:{id}"): (Weight(3, 3), Level.ERROR)}


def test_a_fixed_name_against_a_template_is_weighed_by_that_name() -> None:
    """In both directions of the change."""
    fixed, made = document(event("c2s", S, name="room:1")), document(template("c2s", INT))
    traffic = [said("c2s", "", name="room:1"), said("c2s", "", name="room:2")]
    assert by_event(fixed, made, *traffic)["c2s-type-replaced", "room:1"] == (Weight(1, 1), Level.ERROR)
    back = by_event(made, fixed, said("c2s", 1, name="room:1"), said("c2s", 1, name="room:2"))
    assert back["c2s-type-replaced", "room:1"] == (Weight(1, 1), Level.ERROR)
    assert back["c2s-event-names-narrowed", "room:{id}"] == (Weight(1, 2), Level.ERROR)


def test_changes_in_a_namespace_that_is_a_template_are_weighed_by_its_names() -> None:
    """Events, connects, and the namespace as a whole."""

    def of(schema: Any) -> dict[str, Any]:
        return document(template("c2s", schema), namespaces=("/tenant-{id}",), channel={"x-socketio-auth": schema})

    traffic = [said("c2s", "", name="room:1", namespace="/tenant-a"), connected("/tenant-b", auth=""), connected("/other", auth="")]
    found = by_event(of(S), of(INT), *traffic)
    assert found == {
        ("c2s-type-replaced", "room:{id}"): (Weight(1, 1), Level.ERROR), ("c2s-type-replaced", None): (Weight(1, 1), Level.ERROR),
    }  # fmt: skip
    assert by_event(of(S), document(), *traffic)["namespace-removed", None] == (Weight(2, 2), Level.ERROR)
    one = document(namespaces=("/tenant-a",))
    found = by_event(of(S), one, *traffic)
    assert found["namespace-names-narrowed", None] == (Weight(1, 2), Level.ERROR)
    assert found["c2s-event-removed", "room:{id}"] == (Weight(1, 1), Level.ERROR)


def test_a_patch_is_the_least_that_takes_the_traffic() -> None:
    """Each finding is answered where it arose; of values only those appear that an enumeration may have."""
    part = {"type": "object", "properties": {"a": S | {"maxLength": 3}, "b": {"enum": ["x"]}, "k": {"enum": ["y"]}}, "required": ["a", "b"]}
    declared = document(event("c2s", part))
    conformance = Conformance(read_document(declared), learn=True)
    observed = [said("c2s", {"a": "secret text", "c": 5}), said("c2s", {"a": None, "b": "ann@example.com", "k": "z"}), said("s2c", "", name="fresh")]
    for observation in observed:
        conformance.add(observation)
    operations = patch(conformance)["contract.json"]
    assert "secret" not in json.dumps(operations)
    assert "ann@" not in json.dumps(operations)
    patched = jsonpatch.apply_patch(declared, operations)
    schema = patched["channels"]["root"]["messages"]["m0"]["payload"]["items"][0]
    assert schema == {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"]}, "b": {}, "k": {"enum": ["y", "z"]}, "c": {"type": "integer"}},
        "required": ["a"],
    }
    again = Conformance(read_document(patched))
    for observation in observed:
        again.add(observation)
    assert again.findings() == []
    assert patch(again) == {}


def test_what_a_patch_adds_takes_what_went_to_every_server() -> None:
    """A contract has its namespaces by name, on whatever server they are."""
    declared = document(event("c2s"))
    elsewhere = msgspec.structs.replace(connected("/new", auth={"token": True}), server=OTHER_SERVER)
    learning = Conformance(read_document(declared), learn=True)
    for observation in (connected("/new", auth=[1]), elsewhere):
        learning.add(observation)
    patched = jsonpatch.apply_patch(declared, patch(learning)["contract.json"])
    again = Conformance(read_document(patched))
    for observation in (connected("/new", auth=[1]), elsewhere):
        again.add(observation)
    assert again.findings() == []
