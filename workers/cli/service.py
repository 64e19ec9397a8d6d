"""The processes of the service: `run`, `worker`, `gateway`, and the hidden `standin`."""

import fcntl
import socket
from collections.abc import Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from workers.cli.output import MISUSED, CommandError, out
from workers.cli.session import must_be_workspace, read_settings

LOCK = "syncline.lock"
"""The file in a workspace that `run` holds while it works there."""


def run() -> None:
    """Start everything: Temporal, worker and gateway, each kept alive, until Ctrl-C or SIGTERM."""
    from workers.logs import configure
    from workers.processes import run_all
    from workers.temporal import address

    settings = read_settings()
    must_be_workspace(settings)
    configure(settings.log_level)
    for listening in [settings.http, *([address(settings)] if settings.embedded else [])]:
        _must_be_free(listening)
    with _held(settings.workspace) if settings.embedded else nullcontext():
        out.say(f"Syncline on http://{settings.http} with workspace {settings.workspace}; Ctrl-C ends it.")
        _serve(run_all(settings))


def _held(folder: Path) -> IO[str]:
    """The workspace's lock, held until the file is closed: two embedded Temporals would write into one database.

    The kernel lets go of it when we are killed. Raises CommandError where another `run` holds it, or where nothing can
    be written, so that no part could start.
    """
    try:
        lock = (folder / LOCK).open("a")
    except OSError as error:
        raise CommandError(
            f"cannot write to the workspace {folder}: {error.strerror}. The databases are made there: let this user "
            "write to it, or name another folder with --workspace."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise CommandError(
            f"another `syncline run` works with {folder} already, with another SYNCLINE_HTTP. End that one first, or "
            "name another folder with --workspace."
        ) from error
    return lock


def _must_be_free(address: str) -> None:
    """Raises CommandError where somebody listens already, for whom our part would be started for ever in vain."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            raise CommandError(
                f"cannot listen on {address}: {error.strerror}. If Syncline runs already, `syncline status` shows it; "
                "else set SYNCLINE_HTTP to another address (its Temporal listens 1000 above)."
            ) from error


def worker() -> None:
    """Run a worker: carries changes. As many as wanted may run."""
    from workers.logs import configure
    from workers.worker import run_worker

    settings = read_settings()
    configure(settings.log_level)
    _serve(run_worker(settings))


def gateway() -> None:
    """Run a gateway: takes webhooks in, serves the API. As many as wanted may run."""
    from workers.gateway import run_gateway
    from workers.logs import configure

    settings = read_settings()
    configure(settings.log_level)
    _serve(run_gateway(settings))


def _serve(service: Coroutine[Any, Any, None]) -> None:
    import uvloop

    from workers.temporal import NoTemporal

    try:
        uvloop.run(service)
    except NoTemporal as error:
        raise CommandError(str(error)) from error


def standin(
    system: Annotated[str, typer.Argument(help="jira or asana")],
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1.")],
    latency: Annotated[float, typer.Option(help="Seconds before each answer.")] = 0.0,
    sample: Annotated[bool, typer.Option(help="Start with sample data.")] = True,
) -> None:
    """Serve a stand-in of a vendor's API, for the demo and for trying things out."""
    from connectors.standins.asana import app as asana
    from connectors.standins.control import Control
    from connectors.standins.jira import app as jira
    from connectors.standins.server import server

    control = Control(latency=latency)
    if system == "jira":
        app = jira.build(control, sample=sample)
    elif system == "asana":
        app = asana.build(control, with_sample=sample)
    else:
        raise CommandError(f"no stand-in for {system!r}; there are: asana, jira.", MISUSED)
    server(app, port=port).run()
