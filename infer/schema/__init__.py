"""Values to evidence, evidence to JSON Schema; evidence merges."""

from infer.schema.slots import Args, Evidence
from infer.schema.sources import Sources

__all__ = ["Args", "Evidence", "Sources"]
