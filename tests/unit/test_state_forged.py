"""A state whose checksum is right and whose content is not what `infer.state` writes."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from infer import dump, state
from infer.catalog import Catalog
from infer.errors import CaptureError
from infer.limits import Limits
from infer.model import Direction, Event, Origin, Server
from infer.schema import Args

SERVER = Server(secure=False, host="chat.test", path="/socket.io/")
SECRET = "ghp_0123456789abcdefABCDEF"


def document(*args: Any) -> dict[str, Any]:
    """What a state of one event, seen thirty times in three sessions, holds."""
    catalog = Catalog()
    for number in range(30):
        catalog.add(
            Event(
                number % 3, SERVER, "/", Direction.C2S, "say", list(args), ack_asked=False, ack=None, latency=None, size=9, time=1.0,
                origin=Origin("a.har"),
            )
        )  # fmt: skip
    return content(catalog)


def content(catalog: Catalog) -> dict[str, Any]:
    """The document that a state of the catalog holds."""
    made: dict[str, Any] = msgspec.msgpack.decode(gzip.decompress(state.encode(catalog).partition(b"\n")[2]))
    return made


def event(of: dict[str, Any]) -> dict[str, Any]:
    """The event's entry in it."""
    server = of["servers"]["entries"][0][1]
    entry: dict[str, Any] = server["namespaces"]["entries"][0][1]["events"]["entries"][0][1]
    return entry


def kinds(of: dict[str, Any]) -> dict[str, Any]:
    """The kinds of its first argument."""
    found: dict[str, Any] = event(of)["args"][3][0][1]
    return found


def forged(of: Any, limits: Limits | None = None) -> Catalog:
    """The catalog of a state that holds this."""
    body = gzip.compress(msgspec.msgpack.encode(of))
    return state.decode(b"sio-infer state 2 sha256:%b\n" % sha256(body).hexdigest().encode() + body, limits=limits)


def _set(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def edit(of: dict[str, Any]) -> None:
        holder: Any = of
        *above, last = path.split(".")
        for step in above:
            holder = holder[int(step) if isinstance(holder, list) else step]
        holder[int(last) if isinstance(holder, list) else last] = value

    return edit


STRING = "0.1.object.2.0.1.1.0.1.1.string"
"""From an argument to the string under its first key."""
DEEP = msgspec.Raw(b"\x92\x91\x05\x81\xa5array\x94\x01" * 100_000 + b"\x92\x90\x80" + b"\xc0\xc0" * 100_000)
"""Lists in lists, [[5], {"array": [1, ..., None, None]}], a hundred thousand of them."""

WRONG: dict[str, tuple[str, Any]] = {
    "a count that is a text": ("count", "7"),
    "a count below nought": ("count", -1),
    "a count beyond all": ("count", 1 << 60),
    "a time that is no number": ("first", float("nan")),
    "a list where a map stands": ("latency", []),
    "a bucket that no double reaches": ("size", {5_000: 1}),
    "an arity without an argument": ("args.2", {3: 30}),
    "no argument where there is a count": ("args.2", {}),
    "a kind that there is not": ("args.3.0.1", {"tensor": 1}),
    "a node that is a text": ("args.3.0", "object"),
    "objects of no variant": ("args.3.0.1.object.2", []),
    "fewer variants than objects": ("args.3.0.1.object.0", 99),
    "a key in more objects than there are": ("args.3.0.1.object.2.0.1.0", 3),
    "a format that there is not": (f"args.3.{STRING}.1", "credit-card"),
    "a pattern of nobody": ("args.3.0.1.object.2.0.1.2", [["^(a+)+$", [[5], {"null": 1}]]]),
    "places beside lengths": ("args.3.0.1.array", [1, [[5], {"null": 2}], {3: 1}, [[[5], {"null": 1}], [[5], {"null": 1}]]]),
    "lists without a length": ("args.3.0.1.array", [4, [[5], {"null": 2}], {3: 1}, None]),
    "a nest without end": ("args.3.0", DEEP),
    "a field that is too much": ("password", "hunter2"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused(what: str) -> None:
    """With the one error that says what to do."""
    path, value = WRONG[what]
    of = document({"mode": "fast"})
    _set(path, value)(event(of))
    with pytest.raises(CaptureError, match="its content is not a catalog's") as caught:
        forged(of)
    assert caught.value.hint == "infer anew"


def test_what_is_right_is_taken() -> None:
    """The document that is forged in the other tests is a right one."""
    assert forged(document({"mode": "fast"})).events == 1


@pytest.mark.parametrize("place", ["value", "tag", "key", "scheme", "event"])
def test_no_value_gets_in_that_could_not_be_seen(place: str) -> None:
    """What the policy on values keeps out of a catalog is kept out of one that is read, too."""
    of = document({"mode": "fast", "kind": "a"})
    if place == "value":
        _shape(of)["mode"][1]["string"][2] = {SECRET: [30, [0, 1, 2]]}
    elif place == "tag":
        kinds(of)["object"][2][0][0] = ["kind", SECRET]
    elif place == "key":
        keys = kinds(of)["object"][2][0][1][1]
        keys[0][0] = SECRET
    elif place == "scheme":
        of["servers"]["entries"][0][1]["authorization"] = {SECRET: 1}
    else:
        of["servers"]["entries"][0][1]["namespaces"]["entries"][0][1]["events"]["entries"][0][0][1] = f"to:{SECRET}"
    try:
        catalog = forged(of)
    except CaptureError:
        assert place == "scheme"
        return
    assert SECRET.encode() not in state.pack(catalog)
    assert SECRET not in repr(content(catalog))
    assert SECRET not in dump(catalog.to_asyncapi())


def test_more_than_the_caps_allow_is_brought_within_them() -> None:
    """Keys, variants, lengths and arguments of a state that was saved under wider limits, or by nobody."""
    of = document({f"key{chr(97 + number)}": {"kind": "abcdefgh"[number % 8]} for number in range(20)}, [1, "a"])
    tight = Limits(keys_per_object=5, values_per_string=2, arguments=1, nesting=2, places=10)
    catalog = forged(of, tight)
    (entry,) = (entry for namespace in catalog.namespaces for entry in namespace.events.values())
    assert len(entry.args.slots) == 1
    assert entry.args.arities == {1: 30}
    schema = json.loads(dump(catalog.to_asyncapi(), "json"))["components"]["schemas"]
    assert not [name for name, made in schema.items() if len(made.get("properties", ())) > 5]
    assert forged(content(catalog), tight) == catalog


def test_arguments_of_wider_limits_are_as_if_seen_within_these() -> None:
    """The last one that is looked at by itself has all that follow, whether they were met, loaded or merged so."""
    tight = Limits(arguments=2)
    wide, seen, merged = Args(), Args(tight), Args(tight)
    for args in (wide, seen):
        args.add(["a", 1, None, {"b": True}], 0)
        args.add(["c"], 1)
    merged.merge(wide)
    assert Args.from_state(wide.to_state(), tight) == merged == seen
    assert seen.slots[1].kinds == ("null", "number", "object")


def _shape(of: dict[str, Any]) -> dict[str, Any]:
    return dict(kinds(of)["object"][2][0][1][1])
