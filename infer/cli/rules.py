"""`sio-infer rules`: what the schemas claim, from when on, and why."""

from __future__ import annotations

from infer.cli.app import command, put


@command("rules", ["sio-infer rules", "sio-infer chat.har --no-rule enum --no-rule map > asyncapi.yml"])
def rules() -> None:
    """List the rules by which observed values become schemas."""
    from infer.schema import RULES  # noqa: PLC0415

    blocks = [f"{rule.name}\n  claims: {rule.claim}\n  from:   {rule.threshold}\n  why:    {rule.reason}\n" for rule in RULES]
    put("\n".join(blocks), "-")
