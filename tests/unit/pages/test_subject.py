"""`infer.pages.subject`: what a page shows of a document."""

from __future__ import annotations

from infer.asyncapi.references import Documents
from infer.pages.subject import of_document

TEXT = """
asyncapi: 2.6.0
info: {title: Chat, version: '1'}
channels:
  say: {publish: {message: {payload: {type: string}}}}
  said: {subscribe: {message: {payload: {type: string}}}}
"""


def test_a_document_of_the_client_is_shown_from_its_side() -> None:
    """Who sends what is the page's first word."""
    for perspective, expected in ((None, ["c2s say", "s2c said"]), ("client", ["s2c say", "c2s said"])):
        made = of_document("a.yml", Documents(lambda _: TEXT), perspective)
        assert [f"{row.direction} {row.name}" for row in made.rows] == expected
