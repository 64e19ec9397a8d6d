"""The command `syncline`: its commands, the options they share, and how errors end them."""

import functools
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from workers.cli import checking, demo, explain, files, hooks, parked, service, status, syncing
from workers.cli.output import MISUSED, CommandError, out

USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for a command line that it does not understand."""


app = typer.Typer(
    help="Keeps the same task, ticket or change in step in all the tools where it lives.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _shared(
    workspace: Annotated[
        Path | None,
        typer.Option(help="The folder with connections.yaml and mappings/.", envvar="SYNCLINE_WORKSPACE"),
    ] = None,
) -> None:
    if workspace is not None:
        # Read by the settings, also by those of the processes that a command starts.
        os.environ["SYNCLINE_WORKSPACE"] = str(workspace)


def _with_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with `--json`. `run_command` has looked for it before, so that misuse is told as JSON too."""
    option = Annotated[bool, typer.Option("--json", help="Print JSON, also errors.")]

    @functools.wraps(command)
    def with_json(as_json: bool = False, **arguments: Any) -> Any:
        out.as_json = out.as_json or as_json
        return command(**arguments)

    own = inspect.signature(command)
    added = inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=option)
    with_json.__signature__ = own.replace(parameters=[*own.parameters.values(), added])  # type: ignore[attr-defined]
    with_json.__annotations__ = {**command.__annotations__, "as_json": option}
    return with_json


def _add(to: typer.Typer, *commands: Callable[..., Any], panel: str | None = None, hidden: bool = False) -> None:
    for command in commands:
        name = command.__name__.rstrip("_")
        to.command(name, rich_help_panel=panel, hidden=hidden)(_with_json(command))


_add(app, files.init, files.schema, checking.check, checking.test, panel="Files")
_add(app, syncing.apply, syncing.sweep, syncing.pause, syncing.resume, panel="Mappings")
_add(app, status.status, explain.explain, hooks.hooks, panel="Look")
_add(app, demo.demo, service.run, service.worker, service.gateway, panel="Service")
_add(app, service.standin, hidden=True)
_parked = typer.Typer(help="What was set aside: look, try again, forget.", no_args_is_help=True)
_add(_parked, parked.list_, parked.show, parked.retry, parked.drop)
app.add_typer(_parked, name="parked", rich_help_panel="Look")


def run_command(arguments: list[str]) -> int:
    """Run one command line; the exit code: 0 good, 1 something was found or failed, 2 misuse."""
    out.as_json = "--json" in arguments
    try:
        code = app(arguments, prog_name="syncline", standalone_mode=False)
    except CommandError as error:
        out.fail(str(error))
        return error.code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except USAGE_ERROR as error:
        message = getattr(error, "format_message", error.__str__)()
        # Without a message typer has shown the help, because no command was named.
        if message or out.as_json:
            out.fail(f"{message.rstrip('.') or 'no command'}. Type `syncline --help`, or `--help` after a command.")
        return MISUSED
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command line of this process."""
    code = run_command(sys.argv[1:])
    if "temporalio" in sys.modules:
        # Its threads may still be at work; an interpreter that is torn down under them aborts, and the code is lost.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
