"""A Dask cluster: each capture is read by some worker, the parts are joined there pair by pair, and one is gathered.

What goes over the wire are parts (a catalog, and what its sessions still wait for), never captures: workers read those
themselves, by URL or from a folder that all of them have. Dask repeats what a worker that dies was to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from infer.engines.local import Options
from infer.engines.parts import Fold, Join, Known, Part, Unit, lost, read
from infer.engines.result import Result
from infer.errors import UsageError

CONNECT: Final = 5.0
"""Seconds to wait for a scheduler, which answers in milliseconds where there is one."""
RETRIES: Final = 2
"""Of a capture whose reading failed for no reason of its own."""
_PROTOCOLS: Final = frozenset({"tcp", "tls", "ws", "wss"})
_WIDTH: Final = 8
"""Parts joined by one task: a tree of 1,000 captures is four levels high."""

Joined: TypeAlias = list[tuple[list[Unit], bytes]]
"""Parts in the order of the input, as far joined as can be: of one element, but for the rare case that one must be read again."""


def run(paths: Iterable[str], options: Options, scheduler: str | None) -> Result:
    """What `infer.engines.local.run` gives, by the cluster of the scheduler at that address.

    Errors: `UsageError` where Dask is not installed or the scheduler cannot be reached.
    """
    try:
        import distributed  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise UsageError("--engine dask needs Dask, which is not installed", hint="pip install 'sio-infer[dask]'") from error
    if not scheduler or "://" not in scheduler or scheduler.partition("://")[0] not in _PROTOCOLS:
        raise UsageError("--engine dask needs a cluster's scheduler", scheduler, "--scheduler tcp://HOST:8786, as `dask scheduler` prints it")
    try:
        client = distributed.Client(scheduler, timeout=CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError("no Dask scheduler can be reached", scheduler, "is it running, and is the address right?") from error
    with client:
        return _Run(client, options).of([Unit(path) for path in paths])


class _Run:
    """One run on a cluster."""

    def __init__(self, client: Any, options: Options) -> None:
        self._client = client
        self._progress = options.progress
        self._options = msgspec.structs.replace(options, progress=None, observer=None)

    def of(self, units: list[Unit]) -> Result:
        """Read, join, gather."""
        leaves = [self._submit(_read, [unit], self._options, retries=RETRIES) for unit in units]
        top = self._joined(leaves)
        self._tell(units, leaves)
        fold = Fold(self._options, self._read_again)
        for joined, part in self._gathered(top, units, leaves):
            fold.add_joined(joined, Part.from_bytes(part))
        return fold.finish()

    def _joined(self, futures: list[Any]) -> Any:
        """The tree above the leaves; its root."""
        while len(futures) > 1:
            futures = [
                self._submit(_join, self._options, *futures[start : start + _WIDTH]) for start in range(0, len(futures), _WIDTH)
            ]
        return futures[0] if futures else None

    def _tell(self, units: list[Unit], leaves: list[Any]) -> None:
        """Tell the progress, as captures are read."""
        if self._progress is None:
            return
        from distributed import as_completed  # noqa: PLC0415 (as above)

        sizes = {leaf.key: _size(unit.path) for leaf, unit in zip(leaves, units, strict=True)}
        for leaf in as_completed(leaves):  # type: ignore[no-untyped-call]
            self._progress(sizes[leaf.key])

    def _gathered(self, top: Any, units: list[Unit], leaves: list[Any]) -> Joined:
        """The root's parts; where a capture costs every worker its life, those of the leaves, without it."""
        if top is None:
            return []
        try:
            joined: Joined = top.result()
        except Exception:  # noqa: BLE001 (whatever it was, the leaves say of which capture)
            joined = []
            for unit, leaf in zip(units, leaves, strict=True):
                error = leaf.exception()
                if error is None:
                    joined += leaf.result()
                    continue
                part = lost(unit, f"the cluster cannot read it: {type(error).__name__}", _hint(error))
                joined.append(([unit], part.to_bytes()))
        return joined

    def _read_again(self, units: Sequence[Unit], options: Options, known: Known) -> Part:
        ((_, part),) = self._submit(_read, units, options, known, retries=RETRIES).result()
        return Part.from_bytes(part)

    def _submit(self, function: Any, *arguments: Any, **more: Any) -> Any:
        return self._client.submit(function, *arguments, pure=False, **more)


def _read(units: Sequence[Unit], options: Options, known: Known | None = None) -> Joined:
    return [(list(units), read(units, options, known).to_bytes())]


def _join(options: Options, *several: Joined) -> Joined:
    """Join neighbours; one that must be read again with what is known begins anew."""
    done: Joined = []
    units: list[Unit] = []
    join = Join(options)
    for more, data in (one for joined in several for one in joined):
        part = Part.from_bytes(data)
        if not join.takes(part):
            done.append((units, join.suspend().to_bytes()))
            units, join = [], Join(options)
            join.takes(part)
        units = [*units, *more]
    return [*done, (units, join.suspend().to_bytes())]


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _hint(error: BaseException) -> str:
    if type(error).__name__ == "KilledWorker":
        return "all else is kept; each worker that read it died: have they enough memory?"
    if isinstance(error, ImportError):
        return "all else is kept; install the same version of sio-infer on the workers"
    return "all else is kept"

