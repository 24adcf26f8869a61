"""Names for types that stand in several places, and titles that are unique."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, Final, TypeAlias

from infer.schema.words import singular, title

Path: TypeAlias = tuple[str, ...]
"""The names from a slot down to a place."""
ITEM: Final = "item"
VALUE: Final = "value"
_GENERAL: Final = ("arg ", ITEM, VALUE)


def one_of(path: Path, general: str) -> Path:
    """The path of one of the many that stand there: `users` holds a `user`, and a slot holds an item."""
    return (*path[:-1], one) if len(path) > 1 and (one := singular(path[-1])) != path[-1] else (*path, general)


def type_name(paths: Iterable[Path], taken: Collection[str]) -> str:
    """A name for what stands at all these paths: what most of them call it; longer where that is taken.

    The name that most places agree on changes least when captures are added.
    """
    paths = list(paths)
    short: Counter[str] = Counter(title(path[-2:] if path[-1].startswith(_GENERAL) else path[-1:]) for path in paths)
    for name, _ in sorted(short.items(), key=lambda item: (-item[1], len(item[0]), item[0])):
        if name and name not in taken:
            return name
    base = title(min(paths, key=lambda path: (len(tuple(path)), path))) or "Value"
    number, name = 2, base
    while name in taken:
        number, name = number + 1, f"{base}{number}"
    return name


def make_titles_unique(parts: Iterable[dict[str, Any]], taken: Collection[str]) -> None:
    """Give schemas that came to the same title numbers, in the order of the document, and none a title that is taken."""
    parts = list(parts)
    titles = {part["title"] for part in parts}
    used = set(taken)
    for part in parts:
        name = base = part["title"] or "Value"
        number = 2
        while name in used or (name != base and name in titles):
            name, number = f"{base}{number}", number + 1
        used.add(name)
        part["title"] = name
