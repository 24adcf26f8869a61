"""Captures read whole, for tests to compare."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from infer import captures
from infer.model import Diagnostic, Frame

RECORDINGS: Final = Path(__file__).resolve().parents[3] / "recordings"


@dataclass(slots=True)
class Reading:
    """What a reader gave."""

    frames: list[Frame] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def codes(self) -> list[str]:
        return [diagnostic.code for diagnostic in self.diagnostics]

    @property
    def content(self) -> list[tuple[str, Any]]:
        """Direction and data of each frame."""
        return [(frame.direction.value, frame.data) for frame in self.frames]


def read(path: Path) -> Reading:
    reading = Reading()
    reading.frames.extend(captures.read(path, wanted=lambda _: True, report=reading.diagnostics.append))
    return reading


def har(name: str) -> dict[str, Any]:
    """A recorded HAR as plain data."""
    document: dict[str, Any] = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    return document


def written(document: Any, path: Path, **options: Any) -> Path:
    path.write_text(json.dumps(document, **options), encoding="utf-8")
    return path
