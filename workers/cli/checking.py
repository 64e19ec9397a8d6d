"""Proving the files: `check` finds what is wrong in them, `test` runs the tests that they carry."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli.output import FAILED, out
from workers.cli.session import read_settings, read_workspace

if TYPE_CHECKING:
    from connectors.contract import ObjectType
    from mappings.cases import CaseResult
    from mappings.findings import Finding
    from mappings.loader import Loaded
    from mappings.workspace import Workspace


def check(
    live: Annotated[bool, typer.Option("--live", help="Ask the systems too: credentials, fields, options.")] = False,
) -> None:
    """Prove the files of the workspace; every finding with its place, and how to mend it."""
    from mappings.checks import check as check_files
    from mappings.findings import has_errors

    settings = read_settings()
    workspace = read_workspace(settings)
    findings = [*workspace.findings, *check_files(workspace, standard_object)]
    if live:
        from workers.cli.live import check_live, without_doubts

        findings = without_doubts(findings) + asyncio.run(check_live(workspace, settings.workspace))
    _show_findings(findings, _files(settings.workspace))
    if has_errors(findings):
        raise typer.Exit(FAILED)


def standard_object(system: str, object_: str) -> "ObjectType | None":
    """The fields that every account of a system has; None for an unknown system or object."""
    from connectors import lookup

    return lookup.standard_object(system, object_) if system in lookup.SYSTEMS else None


def _files(folder: Path) -> int:
    named = [folder / "connections.yaml", folder / "people.yaml", *(folder / "mappings").glob("*.y*ml")]
    return sum(path.is_file() for path in named)


def _show_findings(findings: "Sequence[Finding]", files: int) -> None:
    ordered = sorted(set(findings))
    errors = sum(finding.severity == "error" for finding in ordered)
    data: dict[str, Any] = {
        "findings": [asdict(finding) for finding in ordered],
        "files": files, "errors": errors, "warnings": len(ordered) - errors,
    }  # fmt: skip
    counts = (_counted(files, "file"), _counted(errors, "error"), _counted(len(ordered) - errors, "warning"))
    out.lines(data, *(str(finding) for finding in ordered), ", ".join(counts))


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def test() -> None:
    """Run the tests in the mapping files."""
    from mappings.findings import has_errors

    workspace = read_workspace(read_settings())
    broken = [finding for finding in workspace.findings if finding.file.startswith("mappings/")]
    results: list[tuple[str, CaseResult]] = []
    for loaded in workspace.mappings.values():
        cases, problems = _run_cases(loaded, workspace)
        results += [(loaded.file, case) for case in cases]
        broken += problems
    failed = [result for _, result in results if not result.passed]
    data = {
        "tests": [
            {"file": file, "name": result.name, "passed": result.passed, "differences": list(result.differences)}
            for file, result in results
        ],
        "findings": [asdict(finding) for finding in broken],
        "passed": len(results) - len(failed),
        "failed": len(failed),
    }
    lines = [line for file, result in results for line in _told(file, result)]
    lines += [str(finding) for finding in broken]
    out.lines(data, *lines, f"{len(results) - len(failed)} passed, {len(failed)} failed")
    if failed or has_errors(broken):
        raise typer.Exit(FAILED)


def _told(file: str, result: "CaseResult") -> list[str]:
    word = "ok    " if result.passed else "FAILED"
    return [f"{word}  {file}: {result.name}", *(f"          {difference}" for difference in result.differences)]


def _run_cases(loaded: "Loaded", workspace: "Workspace") -> "tuple[list[CaseResult], list[Finding]]":
    """The results of a mapping's tests, or why they cannot be run."""
    from mappings.bind import BindError, bind
    from mappings.cases import run_case
    from mappings.findings import Finding

    found = {
        name: standard_object(workspace.systems[side.connection], side.object)
        for name, side in loaded.mapping.sides.items()
    }
    objects = {name: object_ for name, object_ in found.items() if object_ is not None}
    try:
        bound, _warnings = bind(loaded.mapping, objects)
    except BindError as error:
        return [], [Finding(loaded.file, *loaded.at(one.path), one.code, one.severity, one.message)
                    for one in error.problems]  # fmt: skip
    if len(objects) < len(found):
        message = "its tests cannot be run: a side's system or object is not known; see `syncline check`"
        return [], [Finding(loaded.file, 1, 1, "M135", "error", message)]
    return [run_case(bound, case, objects) for case in loaded.mapping.tests], []
