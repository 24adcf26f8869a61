"""What a document says that its messages rest on."""

from __future__ import annotations

from typing import Any

from infer.asyncapi import DocumentOptions
from infer.catalog import Catalog
from tests.unit.diff.observations import said


def message_and_schema(options: DocumentOptions, *observations: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The evidence of the one event, and the schema of its arguments."""
    catalog = Catalog()
    for observation in observations:
        catalog.add(observation)
    components = catalog.to_asyncapi(options)["components"]
    message = components["messages"]["say"]
    return message["x-sio-infer"], components["schemas"][message["payload"]["$ref"].rpartition("/")[2]]


def test_numbers_of_arguments_are_those_of_the_requests_that_the_schema_is_made_of() -> None:
    """Rejected ones among them, unless these were left out."""
    requests = [said("c2s", "a", "b", "c", ack=[{"ok": True}]) for _ in range(2)]
    requests.append(said("c2s", "a", ack=[{"error": "too few"}]))
    evidence, schema = message_and_schema(DocumentOptions(), *requests)
    assert (evidence["rejected"], evidence["arities"]) == (1, {"1": 1, "3": 2})
    assert (schema["minItems"], schema["maxItems"]) == (1, 3)
    evidence, schema = message_and_schema(DocumentOptions(exclude_rejected=True), *requests)
    assert "arities" not in evidence
    assert (schema["minItems"], schema["maxItems"]) == (3, 3)
