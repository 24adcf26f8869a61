"""Values to evidence, evidence to JSON Schema; evidence merges."""

from infer.schema.build import Built, Root, build
from infer.schema.evidence import Evidence
from infer.schema.moulds import Payload
from infer.schema.rules import RULES, Rule, Rules
from infer.schema.slots import Args
from infer.schema.sources import Sources

__all__ = ["RULES", "Args", "Built", "Evidence", "Payload", "Root", "Rule", "Rules", "Sources", "build"]
