"""How much of anything is followed: every cap of this room, each with its reason.

Past a cap the thing is a diagnostic, never an exception, and what lies beside it is decoded as if it had not been there.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of the decoder; every field may be set."""

    frame_bytes: int = 128 << 20
    """A WebSocket message or an HTTP body. Engine.IO's own `maxHttpBufferSize` is 1 MB by default (100 MB in 2.x)."""
    packets_per_payload: int = 100_000
    """A polling body. Servers send what waits, so a slow poll of a busy room holds thousands; python-engineio stops at 16,
    which real bodies exceed."""
    attachments: int = 1_024
    """Of one packet. The count is the sender's claim, and a listener that believed it would wait for ever."""
    ack_id: int = (1 << 63) - 1
    """An id is a counter; beyond 63 bits it is not one."""
    sessions: int = 4_096
    """Followed at once; the one that was silent longest is settled and let go. A server that has run for a month opens
    far more, and a session that is let go and speaks again is taken up again as the same one."""
    pending_per_session: int = 1_024
    """Events that wait for their acknowledgement, and acknowledgements that came before theirs, each."""
    fragments_per_session: int = 1_024
    """Headers whose attachments came in another HTTP body, and such attachments; the oldest are put together first."""
    fragment_bytes: int = 256 << 20
    """Bytes of the same, of all sessions; beyond, what the session at hand holds is put together."""
    packet_bytes: int = 256 << 20
    """A packet with all its attachments, twice what one frame may hold; a larger one is given up."""
