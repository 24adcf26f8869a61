"""Evidence as it is saved: the types of what `to_state` gives, by which what a file holds is checked before it is taken in.

Arrays are `array_like` structs: their fields stand in this order, without names. That the numbers fit together is checked
where they are filled in (`Kind.fill`), since only there it is known what they are of.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

Count = Annotated[int, Meta(ge=0, le=1 << 53)]
Some = Annotated[int, Meta(ge=1, le=1 << 53)]
Session = Annotated[int, Meta(ge=-1, le=(1 << 63) - 1)]
"""A mixed id of `infer.schema.sources`; -1 at the end says that there were more."""
SavedSources = Annotated[list[Session], Meta(max_length=65)]


class SavedValue(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.scalars.Value`."""

    count: Some
    sessions: Annotated[list[Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]], Meta(min_length=1, max_length=3)]


class SavedStrings(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.scalars.Strings`."""

    count: Some
    format: str | None
    values: dict[str, SavedValue] | None


class SavedNumbers(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.scalars.Numbers`."""

    count: Some
    fractions: bool


class SavedTooDeep(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.scalars.TooDeep`."""

    count: Some
    kinds: Annotated[list[Literal["array", "object"]], Meta(min_length=1, max_length=2)]


class SavedLists(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.lists.Lists`."""

    count: Some
    items: SavedNode
    lengths: dict[Count, Some] | None
    places: Annotated[list[SavedNode], Meta(min_length=2, max_length=8)] | None


class SavedShape(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.shapes.Shape`."""

    count: Some
    keys: list[tuple[str, SavedNode]]
    patterns: list[tuple[str, SavedNode]]


class SavedObjects(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.objects.Objects`."""

    count: Some
    split: bool
    variants: Annotated[list[tuple[tuple[str, str] | None, SavedShape]], Meta(min_length=1)]


class SavedKinds(Struct, forbid_unknown_fields=True):
    """The kinds of a node's values, by name."""

    array: SavedLists | UnsetType = UNSET
    binary: Some | UnsetType = UNSET
    boolean: Some | UnsetType = UNSET
    deeper: SavedTooDeep | Some | UnsetType = UNSET
    null: Some | UnsetType = UNSET
    number: SavedNumbers | UnsetType = UNSET
    object: SavedObjects | UnsetType = UNSET
    string: SavedStrings | UnsetType = UNSET


class SavedNode(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.node.Node`, and so `infer.schema.evidence.Evidence`."""

    sources: SavedSources
    kinds: SavedKinds


class SavedArgs(Struct, array_like=True, forbid_unknown_fields=True):
    """`infer.schema.slots.Args`."""

    count: Count
    sources: SavedSources
    arities: dict[Count, Some]
    slots: list[SavedNode]
