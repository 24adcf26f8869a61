"""`sio-infer limits`: how much of anything is taken in, and why no more."""

from __future__ import annotations

from infer.cli.app import command, put


@command("limits", ["sio-infer limits", "sio-infer big.har --limit events=10000 --limit frame_bytes=1G > asyncapi.yml"])
def limits() -> None:
    """List the limits, with their reasons; --limit sets them."""
    from infer.limits import Limits, reasons

    defaults = Limits()
    blocks = [f"{name} = {getattr(defaults, name):,}\n  {reason}\n" for name, reason in reasons().items()]
    put("\n".join(blocks), "-")
