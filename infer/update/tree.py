"""Changes of plain data carried over to the tree that ruamel.yaml made of the same text.

What stays equal keeps its node, with its comments, style and anchor. Lines of comment that follow an entry are, to
ruamel.yaml, part of it; to a person they belong to what comes next, so they stay behind what is inserted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

from infer.asyncapi.text import dump


class Null:
    """null as a draft has it; of a person's own nothing may be written."""


NULL: Final = Null()
_QUOTED: Final = {"'": SingleQuotedScalarString, '"': DoubleQuotedScalarString}


def sync(node: Any, old: Any, new: Any) -> None:
    """Change a node, which stands for the data `old`, so that it stands for `new`; both are mappings, or both lists.

    Errors: `MergeKeyError`.
    """
    _Sync().change(node, old, new)


class MergeKeyError(ValueError):
    """A mapping would change that has entries of others by a merge key (`<<`): which of them to change is a person's matter."""


class _Sync:
    def __init__(self) -> None:
        self._done: set[int] = set()
        """Nodes that were changed: an alias leads to one again."""

    def change(self, node: Any, old: Any, new: Any) -> None:
        if id(node) in self._done or old == new:
            return
        self._done.add(id(node))
        if isinstance(old, dict):
            self._mapping(node, old, new)
        else:
            self._sequence(node, old, new)

    def _mapping(self, node: CommentedMap, old: dict[str, Any], new: dict[str, Any]) -> None:
        if node.merge:
            raise MergeKeyError("what would change has entries by a merge key (<<)")
        keys = dict(zip(old, list(node), strict=True))  # the reader takes keys for strings, ruamel.yaml for what they look like
        for before, after in _renamed(old, new):
            keys[after] = _rename(node, keys.pop(before), _scalar(after))
            old = {after if key == before else key: value for key, value in old.items()}
        for key in [key for key in old if key not in new]:
            _remove(node, keys.pop(key))
        for key, own in keys.items():
            if old[key] != new[key]:
                self._entry(node, own, old[key], new[key])
        for place, (key, value) in enumerate(new.items()):
            if key not in keys:
                _insert(node, place, _scalar(key), _converted(value))

    def _sequence(self, node: CommentedSeq, old: list[Any], new: list[Any]) -> None:
        if len(new) < len(old):
            left = list(new)
            kept = []
            for item in old:
                kept.append(bool(left) and left[0] == item)
                if kept[-1]:
                    left.pop(0)
            if left:  # no mere removal
                for _ in range(len(old)):
                    _remove(node, len(node) - 1)
                old = []
            else:
                for place in reversed(range(len(old))):
                    if not kept[place]:
                        _remove(node, place)
                return
        for place, item in enumerate(old):
            if item != new[place]:
                self._entry(node, place, item, new[place])
        for place in range(len(old), len(new)):
            _insert(node, place, place, _converted(new[place]))

    def _entry(self, node: Any, key: Any, old: Any, new: Any) -> None:
        """Change the value of an entry."""
        child = node[key]
        mappings = isinstance(old, dict) and isinstance(new, dict) and (old.keys() & new.keys() or not old or _renamed(old, new))
        if mappings or (isinstance(old, list) and isinstance(new, list)):
            self.change(child, old, new)
        else:
            tail = _take_tail(node, key)
            node[key] = self._replaced(new, old, child)
            _put_tail(node, key, tail)

    def _replaced(self, new: Any, old: Any, child: Any) -> Any:
        """A node for `new`, a part of which may be what was there before, perhaps changed itself."""
        part = _within(new, lambda each: each == old) if isinstance(old, dict | list) else None
        if part is None and isinstance(old, dict):
            part = _within(new, lambda each: isinstance(each, dict) and bool(each.keys() & old.keys()))
        if part is None:
            node = _converted(new)
            if isinstance(new, list) and not isinstance(old, dict | list):
                node.fa.set_flow_style()  # one word became several: they stay on its line
            return node
        self.change(child, old, part)
        if child.fa.flow_style():
            child.ca.comment = None  # what stands behind its bracket is known to the entry too, which keeps it
        return _converted(new, {id(part): child})


def _renamed(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    """Under which keyword a list stood and stands, where that is another one: as that of `oneOf` does under `anyOf`."""
    gone, fresh = (
        [key for key, value in one.items() if key not in other and isinstance(value, list)] for one, other in ((old, new), (new, old))
    )
    if len(gone) == len(fresh) == 1 and 0 < len(old[gone[0]]) <= len(new[fresh[0]]) and all(map(_is_like, old[gone[0]], new[fresh[0]])):
        return [(gone[0], fresh[0])]
    return []


def _is_like(old: Any, new: Any) -> bool:
    return isinstance(old, dict) and isinstance(new, dict) and bool(old.keys() & new.keys())


def _within(value: Any, fits: Callable[[Any], bool]) -> Any:
    """The first fitting part of a value, in its order; None where there is none."""
    if fits(value):
        return value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((found for item in inner if (found := _within(item, fits)) is not None), None)


def _converted(value: Any, made: Mapping[int, Any] | None = None) -> Any:
    """A node for plain data; parts for which there is one in `made`, by their identity, are that."""
    if made and id(value) in made:
        return made[id(value)]
    if isinstance(value, dict):
        node = CommentedMap()
        for key, item in value.items():
            node[_scalar(key)] = _converted(item, made)
        return node
    if isinstance(value, list):
        return CommentedSeq([_converted(item, made) for item in value])
    return _scalar(value)


def _scalar(value: Any) -> Any:
    """A scalar; strings in quotes where a draft has them in quotes, for readers of YAML 1.1."""
    if value is None:
        return NULL
    if not isinstance(value, str):
        return value
    sign = dump({"k": value}).removeprefix("k: ")[:1]
    if "\n" in value:
        sign = '"'
    return _QUOTED[sign](value) if sign in _QUOTED else value


def _insert(node: Any, place: int, key: Any, value: Any) -> None:
    """Put an entry at that place; what comment stood before the place's next entry still does."""
    before = (list(node)[place - 1] if isinstance(node, CommentedMap) else place - 1) if place else None
    tail = None if before is None else _take_tail(node, before)
    node.insert(place, key, value) if isinstance(node, CommentedMap) else node.insert(place, value)
    _put_tail(node, key, tail)


def _rename(node: CommentedMap, key: Any, name: Any) -> Any:
    """Give an entry another key, which is returned; it stays where it is."""
    place, value, comments = list(node).index(key), node[key], node.ca.items.pop(key, None)
    del node[key]
    node.insert(place, name, value)
    if comments is not None:
        node.ca.items[name] = comments
    return name


def _remove(node: Any, key: Any) -> None:
    """Drop an entry, not the comment before the next one."""
    tail = _take_tail(node, key)
    keys = list(node) if isinstance(node, CommentedMap) else list(range(len(node)))
    place = keys.index(key)
    del node[key]
    if isinstance(node, CommentedMap):
        node.ca.items.pop(key, None)
    if place:
        _put_tail(node, keys[place - 1], tail)
    elif tail is not None and len(node):
        _put_before(node, next(iter(node)) if isinstance(node, CommentedMap) else 0, tail)


def _take_tail(node: Any, key: Any) -> str | None:
    """The lines of comment after an entry, which lose their place; not the comment at the end of its line."""
    holder, last = _last_leaf(node, key)
    slot = 2 if isinstance(holder, CommentedMap) else 0
    comments = holder.ca.items.get(last)
    token = comments[slot] if comments else None
    if token is None:
        return None
    line, feed, tail = token.value.partition("\n")
    if not tail:
        return None
    if line.strip():
        comments[slot] = CommentToken(line + feed, token.start_mark, None)
    else:
        comments[slot] = None
    return str(tail)


def _put_tail(node: Any, key: Any, tail: str | None) -> None:
    """Lines of comment after an entry."""
    if tail is None:
        return
    holder, last = _last_leaf(node, key)
    slot = 2 if isinstance(holder, CommentedMap) else 0
    comments = holder.ca.items.setdefault(last, [None, None, None, None] if slot else [None, None])
    token = comments[slot]
    if token is None:
        comments[slot] = CommentToken("\n" + tail, CommentMark(0), None)
    else:
        comments[slot] = CommentToken(token.value + tail, token.start_mark, None)


def _put_before(node: Any, key: Any, tail: str) -> None:
    """Lines of comment before the first entry of a mapping or list."""
    size = 4 if isinstance(node, CommentedMap) else 2
    comments = node.ca.items.setdefault(key, [None] * size)
    lines = [CommentToken(line.lstrip(" "), CommentMark(len(line) - len(line.lstrip(" "))), None) for line in tail.splitlines(keepends=True)]
    comments[1] = [*lines, *(comments[1] or [])]


def _last_leaf(node: Any, key: Any) -> tuple[Any, Any]:
    """Where the text of an entry ends: the innermost last entry that is written in block style."""
    value = node[key]
    while isinstance(value, CommentedMap | CommentedSeq) and len(value) and not value.fa.flow_style():
        node, key = value, next(reversed(value)) if isinstance(value, CommentedMap) else len(value) - 1
        value = node[key]
    return node, key
