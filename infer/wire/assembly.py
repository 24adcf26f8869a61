"""Packets whose parts came in several HTTP bodies: what waits, and how it is put together in order of time.

The law: bounded. Past the limits what is oldest is put together with what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from infer.limits import Limits
from infer.model import Diagnostic, Frame, Report
from infer.wire.packet import Fault
from infer.wire.session import Fragment, Partial, Session, in_order

_MISSING: Final = Fault("attachment-missing", "a binary packet's attachments did not all come; it is taken as if they were empty")
_UNEXPECTED: Final = Fault("attachment-unexpected", "a binary message that no packet announced")


class Assembly:
    """The fragments of all sessions; what each of its methods gives are packets that are whole, or will never be."""

    def __init__(self, *, limits: Limits, report: Report) -> None:
        self._limits = limits
        self._report = report
        self._bytes = 0

    def keep(self, session: Session, fragment: Fragment, sessions: Iterable[Session]) -> Iterator[tuple[Session, Partial]]:
        """Let a fragment wait; past the limits the oldest of its session, then those of all `sessions` are put together."""
        waiting = self._wait(session, fragment)
        limits = self._limits
        if len(waiting) > limits.fragments_per_session:
            times = sorted(f.frame.time for f in waiting if f.frame.time is not None)
            for whole in self.together(session, times[len(times) // 2] if times else None):
                yield session, whole
        if self._bytes > limits.fragment_bytes:
            for other in sessions:
                for whole in self.together(other, None):
                    yield other, whole
                if self._bytes <= limits.fragment_bytes // 2:
                    break

    def put_aside(self, session: Session) -> None:
        """Let the packets that a session's connections have begun wait as fragments."""
        for partial in session.end_all():
            self._wait(session, Fragment(partial.frame, partial))

    def take_over(self, session: Session, fragments: Iterable[Fragment], *, counted_only: bool = False) -> None:
        """Let fragments wait that were kept elsewhere; `counted_only` where they are the session's already."""
        for fragment in fragments:
            if counted_only:
                self._bytes += fragment.bytes
            else:
                self._wait(session, fragment)

    def together(self, session: Session, until: float | None) -> Iterator[Partial]:
        """Put a session's fragments together as far as `until`; without, all of them."""
        for due in session.fragments_until(until):
            self._bytes -= sum(fragment.bytes for fragment in due)
            made = list(in_order(due))
            last = made[-1] if made and until is not None else None
            for one in made:
                if isinstance(one, Fragment):
                    self._tell(_UNEXPECTED, one.frame)
                elif one.whole:
                    yield one
                elif one is last:
                    self._wait(session, Fragment(one.frame, one))
                else:
                    yield self.closed(one)

    def closed(self, partial: Partial) -> Partial:
        """A packet that will never be whole, as whole as it can be."""
        self._tell(_MISSING, partial.frame)
        partial.close()
        return partial

    def _tell(self, fault: Fault, frame: Frame) -> None:
        self._report(Diagnostic(fault.code, fault.message, frame.origin))

    def _wait(self, session: Session, fragment: Fragment) -> list[Fragment]:
        """Put a fragment beside those that wait, in the order seen."""
        self._bytes += fragment.bytes
        return session.wait(fragment)
