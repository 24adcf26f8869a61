"""The laws of a diff, over generated contracts and generated traffic."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import partial
from typing import Any

import jsonpatch
import jsonschema_rs
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from infer.asyncapi import VERSIONS, DocumentOptions, dump
from infer.asyncapi.contract import Contract
from infer.asyncapi.reader import read
from infer.asyncapi.references import Documents
from infer.asyncapi.schemas import Schema
from infer.catalog import Catalog
from infer.diff import Compat, Conformance, Finding, Level, compare, patch
from infer.diff.names import events
from infer.model import Observation
from tests.property.test_catalog_laws import OBSERVATIONS, catalog
from tests.unit.diff.documents import arguments, document, read_document

Json = dict[str, Any]
NAMES = ["a", "b", "c/d", "on"]
SETTINGS = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink two documents takes minutes
)

SCALARS: st.SearchStrategy[Json] = st.one_of(
    st.sampled_from(["string", "integer", "number", "boolean", "null"]).map(lambda name: {"type": name}),
    st.sampled_from([["string", "null"], ["integer", "string"], ["number", "boolean", "null"]]).map(lambda names: {"type": names}),
    st.lists(st.sampled_from(["x", "y", "z", 1]), min_size=1, max_size=3, unique=True).map(lambda members: {"enum": members}),
    st.sets(st.sampled_from(["x", "y", "z"]), min_size=1).map(lambda members: {"type": "string", "enum": sorted(members)}),
    st.fixed_dictionaries({"type": st.just("integer")}, optional={"minimum": st.integers(-3, 3), "maximum": st.integers(4, 9)}),
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": st.integers(0, 2), "maxLength": st.integers(3, 5)}),
    st.sampled_from(["^a", "^[a-z]+$", "^[0-9]{2}$"]).map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.sampled_from(["date", "uuid", "email"]).map(lambda name: {"type": "string", "format": name}),
    st.just({"type": "string", "format": "binary"}),
    st.just({"$ref": "#/components/schemas/Tree"}),
    st.just({}),
)


def _object(properties: dict[str, tuple[Json, bool]], closed: bool) -> Json:
    made: Json = {"type": "object", "properties": {name: schema for name, (schema, _) in properties.items()}}
    required = [name for name, (_, needed) in properties.items() if needed]
    return made | ({"required": required} if required else {}) | ({"additionalProperties": False} if closed else {})


def _tagged(branches: dict[str, dict[str, tuple[Json, bool]]]) -> Json:
    made = []
    for tag, properties in branches.items():
        branch = _object(properties, closed=False)
        branch["properties"]["tag"] = {"const": tag}
        branch["required"] = [*branch.get("required", ()), "tag"]
        made.append(branch)
    return {"oneOf": made}


def _compound(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    properties = st.dictionaries(st.sampled_from(NAMES), st.tuples(inner, st.booleans()), max_size=3)
    return st.one_of(
        st.builds(_object, properties, st.booleans()),
        st.dictionaries(st.sampled_from(["p", "q", "r"]), properties, min_size=1, max_size=3).map(_tagged),
        st.builds(lambda items, bounds: {"type": "array", "items": items} | bounds, inner,
                  st.sampled_from([{}, {"minItems": 1}, {"maxItems": 3}])),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: arguments(*items)),
        inner.map(lambda schema: {"type": "object", "additionalProperties": schema}),
        st.builds(lambda made, more: {**made, **more}, st.builds(_object, properties, st.just(False)), st.one_of(
            inner.map(lambda schema: {"additionalProperties": schema}),
            st.builds(lambda pattern, schema, others: {"patternProperties": {pattern: schema}} | others,
                      st.sampled_from(["^[ab]", "^c", "^x"]), inner, st.sampled_from([{}, {"additionalProperties": False}])),
            st.just({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        )),
    )  # fmt: skip


SCHEMAS = st.recursive(SCALARS, _compound, max_leaves=6)
TREE = {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Tree"}}}
SLOTS = st.lists(SCHEMAS, max_size=2)


@st.composite
def documents(draw: st.DrawFn) -> Json:
    """A document of up to three events, of which one may be a template, and one among its names."""
    made_events = []
    for name in draw(st.lists(st.sampled_from(["say", "on", "room:7", "room:{id}"]), max_size=3, unique=True)):
        args = draw(SLOTS)
        made: Json = {"name": name, "direction": draw(st.sampled_from(["c2s", "s2c"]))}
        if "{" in name:
            made["x-socketio-template"] = True
        made["payload"] = arguments(*args, least=draw(st.integers(0, len(args))))
        ack = draw(st.none() | SLOTS)
        if ack is not None:
            made["x-ack"] = {"args": arguments(*ack)}
        made_events.append(made)
    tree = draw(st.sampled_from([TREE, TREE | {"required": ["v"]}]))
    return document(*made_events, schemas={"Tree": tree}, channel=draw(st.sampled_from([{}, {"x-socketio-auth": {"type": "object"}}])))


def key(finding: Finding) -> tuple[Any, ...]:
    return (finding.rule.direction, finding.event, finding.direction, finding.slot, finding.detail)


@SETTINGS
@given(documents())
def test_a_contract_does_not_differ_from_itself(made: Json) -> None:
    """Read twice, whatever it holds."""
    assert compare(read_document(made), read_document(made)) == []


@SETTINGS
@given(documents(), documents())
def test_a_change_and_its_reverse_mirror_each_other_by_the_table(first: Json, second: Json) -> None:
    """Going back, each finding is the reverse kind at the same slot; what cannot be decided may be decided one way only."""
    there = compare(read_document(first), read_document(second))
    back = compare(read_document(second), read_document(first))
    assert Counter((each.rule.kind.reverse, *key(each)) for each in there) == Counter((each.rule.kind.name, *key(each)) for each in back)
    forward = compare(read_document(first), read_document(second), Compat.FORWARD)
    assert Counter(each.level for each in forward) == Counter(each.level for each in back)


@SETTINGS
@given(documents(), SCHEMAS, st.data())
def test_adding_what_is_optional_never_breaks(made: Json, schema: Json, data: st.DataObject) -> None:
    """An event, a namespace, and an optional property of an open object are at most information."""
    again = json.loads(json.dumps(made))
    objects = [part for part in _parts(again) if part.get("type") == "object" and "properties" in part and "additionalProperties" not in part]
    if objects:
        data.draw(st.sampled_from(objects))["properties"]["fresh"] = schema
    more = {"name": "fresh", "direction": "s2c", "payload": schema}
    again["channels"]["root"]["messages"]["fresh"] = {k: v for k, v in more.items() if k != "direction"}
    again["operations"]["fresh"] = {
        "action": "send", "channel": {"$ref": "#/channels/root"}, "messages": [{"$ref": "#/channels/root/messages/fresh"}],
    }  # fmt: skip
    again["channels"]["more"] = {"address": "/more"}
    found = compare(read_document(made), read_document(again))
    assert {each.level for each in found} == {Level.INFO}
    assert {"namespace-added", "s2c-event-added"} <= {each.rule.id for each in found}


def _parts(value: Any) -> list[Json]:
    if isinstance(value, list):
        return [part for item in value for part in _parts(item)]
    if isinstance(value, dict):
        return [value, *(part for item in value.values() for part in _parts(item))]
    return []


@SETTINGS
@given(documents(), documents())
def test_a_witness_is_taken_by_the_one_side_and_refused_by_the_other(first: Json, second: Json) -> None:
    """Checked with `jsonschema-rs` on the schemas themselves, without what the search uses."""
    base, revision = read_document(first), read_document(second)
    for finding in compare(base, revision):
        if not finding.has_witness or b"\x00" in _leaves(finding.witness) or "Of/" in finding.path:
            continue
        parts = [_part(contract, finding) for contract in (base, revision)]
        if None in parts or "binary" in json.dumps(parts):
            continue  # JSON Schema takes any string for an attachment
        before, after = (_accepts(*part, finding.witness) for part in zip((base, revision), parts, strict=True))
        assert (before, after) == ((True, False) if finding.witness_taken_by == "base" else (False, True)), finding


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    return [value]


def _part(contract: Contract, finding: Finding) -> Any:
    """The schema of the part that a finding is about; None within alternatives, which a path may leave out."""
    space = contract.namespaces[finding.namespace or "/"]
    assert finding.slot is not None
    if finding.slot == "auth":
        assert space.auth is not None
        at: Any = space.auth
    else:
        assert finding.direction is not None
        event = events(space, finding.direction).of(finding.event or "")
        assert event is not None
        signature = event.args if finding.slot.startswith("args") else event.ack
        assert signature is not None
        at = signature.schema()
        if "[" in finding.slot and not finding.rule.kind.name.startswith("arg-"):
            at = signature.merged().slots[int(finding.slot.rstrip("]").rpartition("[")[2])].schema
    rest: Any = None
    steps = finding.path.split("/") if finding.path else []
    for step in (step.replace("~1", "/").replace("~0", "~") for step in steps):
        at = contract.resolve(at) if isinstance(at, Schema) else at
        if isinstance(at, Schema) and step not in at and ("anyOf" in at or "oneOf" in at):
            return None
        if isinstance(at, list):
            at = at[int(step)] if int(step) < len(at) else rest
        elif not isinstance(at, Schema) and step not in at:
            at = rest(step)
        else:
            rest = partial(_unnamed, at) if step in {"patternProperties", "properties"} else at.get("items", Schema({}, contract.place))
            at = at.get(step, [] if step == "prefixItems" else {} if callable(rest) else Schema({}, contract.place))
    return at


def _unnamed(schema: Schema, name: str) -> Schema:
    """What a property must be that is not declared, or one whose name is as a pattern that is not there."""
    patterns = schema.get("patternProperties", {})
    fitting = [part for pattern, part in patterns.items() if re.search(pattern, name)]
    return Schema({"allOf": fitting} if fitting else schema.get("additionalProperties", {}), schema.place)


def _accepts(contract: Contract, part: Any, value: Any) -> bool:
    whole = {**part, "$defs": contract.definitions}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


def contract_of(observed: Catalog, version: str) -> Contract:
    """The contract of the document that is written of a catalog."""
    text = dump(observed.to_asyncapi(DocumentOptions(version=version)))
    return read(Documents(lambda _: text), "draft.yml")


@SETTINGS
@given(st.lists(OBSERVATIONS, max_size=12), st.sampled_from(VERSIONS))
def test_traffic_keeps_to_the_contract_that_was_inferred_from_it(observed: list[Observation], version: str) -> None:
    """In every version of the document, and every part that it declares was seen."""
    conformance = Conformance(contract_of(catalog(observed), version))
    for observation in (*observed, *observed):
        conformance.add(observation)
    assert conformance.findings() == []


@SETTINGS
@given(st.lists(OBSERVATIONS, max_size=12))
def test_a_document_is_read_back_to_the_same_contract_in_every_version(observed: list[Observation]) -> None:
    """What one version says, the others say; a document of the client turned round says it too."""
    made = catalog(observed)
    first, *others = [contract_of(made, version) for version in VERSIONS]
    turned = dump(made.to_asyncapi(DocumentOptions(perspective="client")))
    others.append(read(Documents(lambda _: turned), "client.yml", perspective="client"))
    for other in others:
        assert compare(first, other) == []
        assert compare(other, first) == []


@SETTINGS
@given(st.lists(OBSERVATIONS, max_size=8), st.lists(OBSERVATIONS, max_size=8), st.sampled_from(VERSIONS))
def test_a_patched_document_takes_the_traffic(known: list[Observation], fresh: list[Observation], version: str) -> None:
    """What it took before, and what it did not. That acknowledgements never come is for their sender to mend."""
    original = catalog(known).to_asyncapi(DocumentOptions(version=version))
    assume(original["channels"])
    text = json.dumps(original)
    conformance = Conformance(read(Documents(lambda _: text), "draft.json"), learn=True)
    for observation in fresh:
        conformance.add(observation)
    operations = patch(conformance)
    assert bool(operations) or all(each.level is not Level.ERROR or each.rule.kind.name == "missing-ack" for each in conformance.findings())
    patched = json.dumps(jsonpatch.apply_patch(original, operations.get("draft.json", [])))
    again = Conformance(read(Documents(lambda _: patched), "draft.json"))
    for observation in (*known, *fresh):
        again.add(observation)
    assert [each for each in again.findings() if each.level is Level.ERROR] == []


