"""Making files: `init` a workspace, `schema` for editors."""

import json
from pathlib import Path
from typing import Annotated

import typer

from workers.cli.output import MISUSED, CommandError, out
from workers.cli.session import read_settings

PORTS = {"jira": 8901, "asana": 8902}
"""Where the stand-ins are looked for; the demo serves them there where these ports are free."""
MAPPING = "mappings/jira-asana-tasks.yaml"


def init(
    folder: Annotated[Path | None, typer.Argument(help="Where to make it; the workspace by default.")] = None,
    standins: Annotated[bool, typer.Option("--standins", help="Point at the demo's stand-ins.")] = False,
) -> None:
    """Make a workspace: connections, people and a first mapping, with what to fill in marked."""
    folder = folder or read_settings().workspace
    texts = workspace_files(standins=standins)
    there = [name for name in texts if (folder / name).exists()]
    if there:
        raise CommandError(
            f"{folder} already has {', '.join(there)}, and nothing is overwritten. Name another folder: "
            "`syncline init FOLDER`.",
            MISUSED,
        )
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}. Name another folder.", MISUSED) from error
    steps = _next_steps(folder, standins=standins)
    out.lines({"folder": str(folder), "files": sorted(texts), "next": steps},
              *(f"wrote {folder / name}" for name in texts), "", "Next:", *(f"  {step}" for step in steps))  # fmt: skip


def workspace_files(*, standins: bool) -> dict[str, str]:
    """The files of a new workspace by their path in it."""
    from workers.cli import templates

    ports = {f"{system}_port": port for system, port in PORTS.items()}
    return {
        "connections.yaml": templates.STANDIN_CONNECTIONS.format(**ports) if standins else templates.CONNECTIONS,
        "people.yaml": templates.PEOPLE,
        MAPPING: templates.standin_mapping() if standins else templates.mapping(),
        ".env.example": templates.ENVIRONMENT,
        ".gitignore": templates.GITIGNORE,
    }


def _next_steps(folder: Path, *, standins: bool) -> list[str]:
    here = f"syncline --workspace {folder}"
    if standins:
        serve = " & ".join(f"syncline standin {system} --port {port}" for system, port in PORTS.items())
        return [f"{serve} &", f"{here} run &", f"{here} apply jira-asana-tasks"]
    environ = f"cp {folder}/.env.example {folder}/.env, fill it in, then: set -a; . {folder}/.env; set +a"
    return [f"mend what is marked FILL IN in {folder}", environ, f"{here} check --live", f"{here} run"]


def schema(
    folder: Annotated[Path | None, typer.Option("--out", help="Write one file a kind into this folder.")] = None,
) -> None:
    """JSON Schema of the files, for completion and checks in editors."""
    from mappings.schema import schemas

    made = schemas()
    if folder is None:
        out.show(made, lambda console: console.print_json(data=made))
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, text in made.items():
            (folder / f"{kind}.schema.json").write_text(json.dumps(text, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}. Name another folder.", MISUSED) from error
    written = [str(folder / f"{kind}.schema.json") for kind in made]
    out.lines({"files": written}, *(f"wrote {file}" for file in written))
