"""The frame of the command line: registration, errors to one line and exit codes, output.

A command is a module of this package that defines one function under `@command(...)`; `infer.cli` finds and imports them all, so
a command module imports nothing but the standard library, typer and this module before its function runs.

Exit codes: 0 fine, 1 findings, 2 error, 130 interrupted.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

import typer

from infer.errors import SioInferError

FINDINGS: Final = 1
ERROR: Final = 2
INTERRUPTED: Final = 130

app = typer.Typer(
    name="sio-infer",
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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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


def fail(message: str) -> None:
    """One error line, exit 2."""
    from infer.report.text import printable

    say(f"sio-infer: error: {printable(message, 2_000)}")
    raise typer.Exit(ERROR)


def say(line: str) -> None:
    """A line on stderr."""
    sys.stderr.write(line + "\n")


def put(text: str, output: str) -> None:
    """The artefact: to a file, atomically, or to stdout where `output` is `-`. Errors: `UsageError`."""
    if output == "-":
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    from infer.files import write_atomic

    write_atomic(output, text.encode())
