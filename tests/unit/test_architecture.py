"""Who may import whom: the table of ARCHITECTURE.md, held over the source tree."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
LEAVES: Final = {"errors", "model", "bounded", "budget", "chance", "files", "filters", "histogram", "limits", "rejection", "tally", "templates", "urls"}
"""Modules of the package's top that stand below every room."""

MAY_IMPORT: Final = {
    "errors": set[str](),
    "model": set[str](),
    "bounded": {"errors", "model", "tally"},
    "budget": {"bounded", "limits", "tally"},
    "chance": set[str](),
    "files": {"errors"},
    "filters": {"model"},
    "histogram": {"errors", "model"},
    "limits": {"errors"},
    "rejection": {"model"},
    "tally": set[str](),
    "templates": {"chance"},
    "urls": set[str](),
    "wire": LEAVES,
    "captures": LEAVES,
    "schema": LEAVES,
    "catalog": {"schema", *LEAVES},
    "state": {"catalog", "schema", *LEAVES},
    "asyncapi": {"catalog", "schema", *LEAVES},
    "diff": {"asyncapi", "catalog", "schema", *LEAVES},
    "engines": {"captures", "wire", "catalog", "state", "schema", *LEAVES},
    "report": {"diff", "asyncapi", "catalog", "schema", "engines", "wire", *LEAVES},
    "types": {"asyncapi", "report", *LEAVES},
    "update": {"asyncapi", "diff", "catalog", *LEAVES},
    "pages": {"asyncapi", "catalog", "schema", "report", *LEAVES},
    "mock": {"asyncapi", "wire", "catalog", "diff", *LEAVES},
    "live": {"asyncapi", "captures", "wire", "catalog", "state", "diff", "report", "engines", "schema", *LEAVES},
}
"""Room to the rooms that it may import. `cli` may import all, and nothing but `__main__` imports `cli`."""

ONLY_IN: Final = {
    "genson": {"schema"},
    "yaml": {"asyncapi"},
    "mitmproxy": {"captures", "live"},
    "engineio": {"wire", "mock"},
    "socketio": {"wire", "mock"},
    "msgpack": {"wire"},
    "typer": {"cli"},
    "ruamel": {"update"},
    "dask": {"engines"},
    "distributed": {"engines"},
}
"""Library to the rooms that may import it."""

DOORS: Final = {("catalog", "asyncapi"), ("__init__", "")}
"""`Catalog.to_asyncapi`, a door to the layer above, opened when it is called; and the package's own front."""


@cache
def imports() -> dict[str, dict[str, set[str]]]:
    """Room to what it imports, each with the modules that do."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((ROOT / "infer").rglob("*.py")):
        module = path.relative_to(ROOT / "infer").with_suffix("")
        room = module.parts[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{module}: a relative import"
                names = [f"infer.{alias.name}" for alias in node.names] if node.module == "infer" else [node.module or ""]
            for name in names:
                found[room][name].add(str(module))
    return found


def rooms() -> list[str]:
    """All rooms."""
    return sorted(imports().keys() - {"__init__", "__main__", "cli"})


@pytest.mark.parametrize("room", rooms())
def test_a_room_imports_what_it_may(room: str) -> None:
    """And no other room."""
    assert room in MAY_IMPORT, f"{room} is a new room: put it into the table here and in ARCHITECTURE.md"
    for name, modules in imports()[room].items():
        parts = name.split(".")
        if parts[0] != "infer" or len(parts) == 1:
            continue
        other = parts[1]
        if other in (room, "__version__") or (room, other) in DOORS:
            continue
        assert other in MAY_IMPORT[room], f"{', '.join(sorted(modules))} import infer.{other}"


def test_the_table_is_that_of_the_page() -> None:
    """Each room stands there with what it may import."""
    rows = re.findall(r"^\| `infer/(\w+)/` \|.*\| ([^|]+) \|$", (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"), re.MULTILINE)
    stated = {room: set(re.findall(r"`(\w+)`", may)) for room, may in rows if room != "cli"}
    assert stated == {room: may - LEAVES for room, may in MAY_IMPORT.items() if (ROOT / "infer" / room).is_dir()}


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_stays_in_its_room(library: str) -> None:
    """So that it can be replaced there."""
    users = {room for room, names in imports().items() for name in names if name.split(".")[0] == library}
    assert users <= ONLY_IN[library]


def test_only_the_command_line_prints() -> None:
    """Everything else gives values."""
    for path in sorted((ROOT / "infer").rglob("*.py")):
        if path.relative_to(ROOT / "infer").parts[0] == "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            printing = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            assert not printing, f"{path} prints"


def test_the_table_of_the_document_names_every_room() -> None:
    """ARCHITECTURE.md is kept with the code."""
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for room in rooms():
        assert f"`infer/{room}/`" in text or f"`{room}`" in text or f"`infer/{room}.py`" in text, room
