"""`syncline demo`: the whole service against stand-ins, without any account."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.output import FAILED


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play a scenario, tell what happened, and exit.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--workspace", help="Make the demo's workspace here, and keep it.")
    ] = None,
) -> None:
    """Everything against stand-ins of Jira and Asana with sample data; no accounts needed."""
    from workers.demo.play import play

    if not asyncio.run(play(folder, once=once)):
        raise typer.Exit(FAILED)
