"""Events and namespaces that a document does not have, put into it as a draft of them has them.

What the draft keeps among its components is kept among the document's: under the same key, unless something else stands
there, and once, where the same stands there already.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, Literal

import msgspec

from infer.asyncapi import DocumentOptions, document
from infer.asyncapi.contract import Contract
from infer.asyncapi.names import key_of, unique_keys
from infer.asyncapi.pointers import escape, keys_of, last_key
from infer.asyncapi.references import Place
from infer.catalog import Catalog
from infer.schema import Rules

Json = dict[str, Any]
_RULES: Final = Rules(evidence="none")


def add(catalog: Catalog, contract: Contract, top: Json) -> None:
    """Add the catalog's events and namespaces to the document of the contract, whose plain data `top` is."""
    if not catalog.events and not catalog.namespaces:
        return
    version = "2.6.0" if contract.version.startswith("2") else "3.1.0" if contract.version.startswith("3.1") else "3.0.0"
    perspective: Literal["server", "client"] = "client" if contract.perspective == "client" else "server"
    draft = document(catalog, DocumentOptions(version=version, perspective=perspective, rules=_RULES))
    if not all(space.named for space in contract.namespaces.values()):
        draft = (_by_event_v2 if version.startswith("2") else _by_event_v3)(draft)
    addition = _Addition(contract, top, draft)
    for channel in draft["channels"].items():
        (addition.into_v2 if version.startswith("2") else addition.into_v3)(*channel)


def answer(contract: Contract, top: Json, message: Place, name: str, payload: Json | None) -> None:
    """Let the operations of a message, which is that of the event `name`, have a reply that carries the payload.

    AsyncAPI 2 has no replies. `top` is the contract's document as plain data.
    """
    operations = contract.root.get("operations") if contract.root is not None and contract.version.startswith("3") else None
    for key, entry in operations.items() if operations is not None else ():
        channel = entry.get("channel")
        messages = entry.get("messages")
        listed = [each.resolved().place for _, each in messages.items()] if messages is not None else []
        if message not in listed or channel is None or entry.reference is not None or len(listed) > 1:
            continue
        operation, reference = top["operations"][key], f"#{channel.pointer}"
        at = top
        for step in keys_of(channel.pointer):
            at = at[step]
        _name_messages(top, reference, at)
        own = _free(f"{key_of(name, 'event')}Ack", at.setdefault("messages", {}))
        title = f"{name} (ack)"
        at["messages"][own] = {"name": title, "title": title, **({} if payload is None else {"payload": payload})}
        operation["reply"] = {"channel": {"$ref": reference}, "messages": [{"$ref": f"{reference}/messages/{own}"}]}


def _by_event_v3(draft: Json) -> Json:
    """The draft with a channel for each event instead of each namespace."""
    made: Json = {**draft, "channels": {}, "operations": {}}
    keys = unique_keys((message["name"] for message in draft.get("components", {}).get("messages", {}).values()), "event")
    for operation in draft.get("operations", {}).values():
        listed = [*operation["messages"], *operation.get("reply", {}).get("messages", ())]
        path = [each["$ref"].split("/") for each in listed]
        space, message = draft["channels"][path[0][2]], path[0][4]
        event = _event(draft, space["messages"][message])
        if event is None:
            continue
        key = keys[event]
        channel = made["channels"].setdefault(key, {"address": event, "messages": {}})
        channel["messages"] |= {name: space["messages"][name] for *_, name in path}
        here = {"$ref": f"#/channels/{key}"}
        refer = [{"$ref": f"{here['$ref']}/messages/{name}"} for *_, name in path]
        reply = {"reply": {"channel": here, "messages": refer[1:]}} if refer[1:] else {}
        made["operations"][f"{key}.{operation['action']}.{message}"] = {**operation, "channel": here, "messages": refer[:1], **reply}
    return made


def _by_event_v2(draft: Json) -> Json:
    """The same in AsyncAPI 2."""
    made: Json = {**draft, "channels": {}}
    for space in draft["channels"].values():
        for verb in ("publish", "subscribe"):
            message = space.get(verb, {}).get("message", {"oneOf": []})
            for each in message.get("oneOf", [message]):
                event = _event(draft, each)
                if event is not None:
                    made["channels"].setdefault(event, {})[verb] = {"message": each}
    return made


def _event(draft: Json, reference: Json) -> str | None:
    """The name of a message's event; None where a channel of that name would be taken for a namespace."""
    name: str = draft["components"]["messages"][reference["$ref"].rpartition("/")[2]]["name"]
    return None if name.startswith("/") else name


class _Addition(msgspec.Struct):
    """A draft on its way into a document."""

    contract: Contract
    top: Json
    draft: Json
    moved: dict[str, str] = msgspec.field(default_factory=dict)
    """References in the draft to what they are in the document."""
    brought: set[str] = msgspec.field(default_factory=set)
    """Those of components that the document has now."""

    def __post_init__(self) -> None:
        """Give each component its name: its own, or another where the document has another one of that name.

        What refers to one with another name is another one itself, so that this ends where no more names change.
        """
        parts = {
            (section, key): part for section, named in self.draft.get("components", {}).items() for key, part in named.items()
        }
        names = {each: each[1] for each in parts}
        before = None
        while before != names:
            before = dict(names)
            self.moved = {_component(section, key): _component(section, names[section, key]) for section, key in parts}
            for (section, key), part in parts.items():
                known = self.top.get("components", {}).get(section, {})
                if names[section, key] == key and known.get(key) != self._translated(part):
                    others = {name for (where, _), name in names.items() if where == section} - {key}
                    names[section, key] = _free(key, {*known, *others})

    def into_v3(self, key: str, channel: Json) -> None:
        """Put a channel's messages and operations into the document's channel of that address."""
        namespace = channel.get("x-socketio-namespace") or channel["address"]
        mine = self._channel_key(namespace)
        if mine is None:
            mine = _free(key, self.top.setdefault("channels", {}))
            bare = {name: part for name, part in channel.items() if name not in {"servers", "messages"}}
            self.top["channels"][mine] = self._moved(bare)
        else:
            _name_messages(self.top, f"#/channels/{escape(mine)}", self.top["channels"][mine])
        messages = self.top["channels"][mine].setdefault("messages", {}) if channel.get("messages") else {}
        self.moved[f"#/channels/{key}"] = f"#/channels/{escape(mine)}"
        for name, message in channel.get("messages", {}).items():
            own = _free(name, messages)
            messages[own] = self._moved(message)
            self.moved[f"#/channels/{key}/messages/{name}"] = f"#/channels/{escape(mine)}/messages/{escape(own)}"
        for name, operation in self.draft.get("operations", {}).items():
            if operation["channel"]["$ref"] == f"#/channels/{key}":
                operations = self.top.setdefault("operations", {})
                operations[_free(name.replace(key, mine, 1), operations)] = self._moved(operation)

    def into_v2(self, key: str, channel: Json) -> None:
        """Put a channel's messages among those of the document's channel."""
        namespace = channel.get("x-socketio-namespace") or key
        mine = self._channel_key(namespace)
        verbs = ("publish", "subscribe")
        if mine is None:
            mine = key
            bare = {name: part for name, part in channel.items() if name not in {"servers", *verbs}}
            self.top.setdefault("channels", {})[mine] = self._moved(bare)
        own = self.top["channels"][mine]
        for verb in verbs:
            message = channel.get(verb, {}).get("message")
            if message is None:
                continue
            added = self._moved(message.get("oneOf", [message]))
            if verb not in own:
                operation = {name: part for name, part in channel[verb].items() if name != "message"}
                own[verb] = {**operation, "message": added[0] if len(added) == 1 else {"oneOf": added}}
                continue
            known = own[verb].get("message")
            listed = known["oneOf"] if isinstance(known, dict) and "oneOf" in known else [known] if known else []
            own[verb]["message"] = {"oneOf": [*listed, *added]}

    def _channel_key(self, namespace: str) -> str | None:
        """The key of the document's channel for a namespace, or for an event where its channels are events."""
        declared = self.contract.namespaces.get(namespace)
        if declared is None or self.contract.root is None:
            channels = self.top.get("channels", {})
            return next((key for key, node in channels.items() if node.get("address", key) == namespace), None)
        channels = self.contract.root.get("channels")
        for key, entry in channels.items() if channels is not None else ():
            if entry.resolved().place == declared.place:
                return key
        return None

    def _moved(self, value: Any) -> Any:
        """A part of the draft as it is in the document, which gets the components that it refers to."""
        for reference in _references(value):
            self._bring(reference)
        return self._translated(value)

    def _translated(self, value: Any) -> Any:
        """The part with its references as they are in the document."""
        if isinstance(value, list):
            return [self._translated(item) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("$ref"), str):
            return {"$ref": self.moved.get(value["$ref"], value["$ref"])}
        return {key: self._translated(item) for key, item in value.items()}

    def _bring(self, reference: str) -> None:
        """Put a component into the document, once: types may refer to themselves."""
        if reference in self.brought or not reference.startswith("#/components/"):
            return
        self.brought.add(reference)
        _, _, section, key = reference.split("/")
        made = self._moved(self.draft["components"][section][key])
        own = last_key(self.moved[reference])
        self.top.setdefault("components", {}).setdefault(section, {})[own] = made


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _references(item)


def _name_messages(top: Json, reference: str, channel: Json) -> None:
    """Let operations and replies that leave it open which of a channel's messages they are about name them, before it gets others."""
    for operation in top.get("operations", {}).values():
        for part in (operation, operation.get("reply", {})):
            if part.get("channel") == {"$ref": reference} and "messages" not in part and channel.get("messages"):
                part["messages"] = [{"$ref": f"{reference}/messages/{escape(name)}"} for name in channel["messages"]]


def _free(name: str, taken: Collection[str]) -> str:
    """The name, or with a number where it is taken, in whatever case."""
    lowered = {key.lower() for key in taken}
    if name.lower() not in lowered:
        return name
    return next(key for number in range(2, len(taken) + 3) if (key := f"{name}{number}").lower() not in lowered)


def _component(section: str, key: str) -> str:
    return f"#/components/{section}/{escape(key)}"
