"""The frame of the command line: registration, errors to one line and exit codes, output.

A command is a module of this package that defines one function under `@command(...)`; `infer.cli` finds and imports them all, so
a command module imports nothing but the standard library, typer and this module before its function runs.

Exit codes: 0 fine, 1 findings, 2 error, 130 interrupted.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TextIO, TypeVar

import typer
from typer.core import TyperGroup

from infer.errors import SioInferError, UsageError

DEFAULT: Final = "infer"
"""The command where none is named."""
OF_THE_GROUP: Final = frozenset({"-h", "--help", "--version", "--install-completion", "--show-completion"})
FINDINGS: Final = 1
ERROR: Final = 2
INTERRUPTED: Final = 130


class _Group(TyperGroup):
    """The commands, of which the default one need not be named: where a command line runs, and where a shell completes it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Name the default command where another, or an option of the group, does not stand first."""
        named = not args or args[0] in OF_THE_GROUP or args[0] in self.commands
        return super().parse_args(ctx, args if named else [DEFAULT, *args])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """What a command line may begin with: options of the default command, too."""
        default = self.commands[DEFAULT]
        begun = default.make_context(DEFAULT, [], parent=ctx, resilient_parsing=True)
        found = [*super().shell_complete(ctx, incomplete), *default.shell_complete(begun, incomplete)]
        return list({item.value: item for item in found}.values())


app = typer.Typer(
    name="sio-infer",
    cls=_Group,
    help="Listen to Socket.IO traffic and write the API's AsyncAPI document.",
    epilog="Without a command, FILES are inferred: sio-infer recordings/*.har > asyncapi.yml",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

F = TypeVar("F", bound=Callable[..., Any])


def command(name: str, examples: Iterable[str]) -> Callable[[F], F]:
    """Register a function as a command; `examples` are shown below its help, a line each."""
    epilog = "\n\n".join(["Examples:", *("\b\n  " + example for example in examples)])

    def register(function: F) -> F:
        app.command(name, epilog=epilog)(_guarded(function))
        return function

    return register


def list_only() -> None:
    """Leave of the commands what the group's help says of them: building the parameters of all takes most of the time."""
    for registered in app.registered_commands:
        registered.callback = _named_like(registered.callback)


def _named_like(function: Callable[..., Any] | None) -> Callable[[], None]:
    def listed() -> None: ...

    listed.__doc__ = function.__doc__
    return listed


def _guarded(function: F) -> F:
    """The function, whose errors become one line on stderr and an exit code."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except SioInferError as error:
            fail(str(error))
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # the reader has gone (`| head`); what is still in the buffer has nowhere to go either
            silence(sys.stdout)
            raise typer.Exit(0) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if os.environ.get("SIO_INFER_DEBUG"):
                raise
            fail(f"unexpected {type(error).__name__} (a bug: set SIO_INFER_DEBUG=1 for the traceback, and report it)")

    return run  # type: ignore[return-value]


def completes() -> bool:
    """Whether a shell asks for what a command line may go on with."""
    return "_SIO_INFER_COMPLETE" in os.environ


def run() -> None:
    """Run the command line. What it says of itself (help, version, completions) may find stdout full as an artefact may."""
    try:
        app()
    except OSError as error:
        silence(sys.stdout)
        say(f"sio-infer: error: {_unwritten(error)}")
        sys.exit(ERROR)


def fail(message: str) -> None:
    """One error line, exit 2."""
    complain(message)
    raise typer.Exit(ERROR)


def complain(message: str, kind: str = "error") -> None:
    """A line on what went wrong."""
    from infer.report.text import printable

    say(f"sio-infer: {kind}: {printable(message, 2_000)}")


def give_up(failed: Sequence[SioInferError]) -> NoReturn:
    """Say what stood against each; the last is the command's own error."""
    for error in failed[:-1]:
        complain(str(error))
    raise failed[-1]


def say(line: str) -> None:
    """A line on stderr. Where it cannot be said, the command does and ends with what it would."""
    try:
        sys.stderr.write(line + "\n")
    except OSError:
        silence(sys.stderr)


def put(text: str, output: str) -> None:
    """The artefact: to a file, atomically, or to stdout where `output` is `-`. Errors: as `write`."""
    if output == "-":
        write(text.encode())
        flush()
        return
    from infer.files import write_atomic

    write_atomic(output, text.encode())


def write(data: bytes) -> None:
    """A part of the artefact, to stdout. Errors: `UsageError`; BrokenPipeError where its reader has gone."""
    with _to_stdout():
        sys.stdout.buffer.write(data)


def flush() -> None:
    """See that all that was written has left. Errors: as `write`."""
    with _to_stdout():
        sys.stdout.buffer.flush()


def silence(stream: TextIO) -> None:
    """Let go of what is still in a stream's buffer, which nobody takes, and of all that follows: the interpreter flushes it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def _to_stdout() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise UsageError(_unwritten(error)) from error


def _unwritten(error: OSError) -> str:
    return f"cannot write stdout: {error.strerror or error}"
