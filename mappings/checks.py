"""What can be proved of a workspace without asking the live systems: names, types, tables, laws and tests."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from connectors.contract import ObjectType
from mappings.bind import BindError, bind
from mappings.bound import BoundMapping
from mappings.cases import run_case
from mappings.errors import Problem
from mappings.findings import Finding
from mappings.laws import broken_laws
from mappings.loader import Loaded
from mappings.workspace import Workspace

Describe = Callable[[str, str], ObjectType | None]
"""The fields of an object of a system, None for an unknown object: `describe("jira", "issue")`."""


def check(workspace: Workspace, describe: Describe) -> list[Finding]:
    """What is wrong with the mappings that have the right shape, beyond `workspace.findings`; by file and place."""
    findings: list[Finding] = []
    for loaded in workspace.mappings.values():
        objects: dict[str, ObjectType] = {}
        for name, side in loaded.mapping.sides.items():
            known = describe(workspace.systems[side.connection], side.object)
            if known is not None:
                objects[name] = known
            elif side.connection in workspace.connections:
                # Otherwise the connection itself is at fault, which has been told already.
                message = f"{workspace.systems[side.connection]} has no object {side.object!r}"
                place = loaded.at(("sides", name, "object"))
                findings.append(Finding(loaded.file, *place, "M135", "error", message))
        if len(objects) == len(loaded.mapping.sides):
            findings += prove(loaded, objects)
    return sorted(findings)


def prove(loaded: Loaded, objects: Mapping[str, ObjectType]) -> list[Finding]:
    """What is wrong with one mapping, given the fields of each side: standard ones, or those of the live systems."""
    try:
        bound, warnings = bind(loaded.mapping, objects)
        problems = [*warnings, *broken_laws(bound, objects), *_failed_cases(loaded, bound, objects)]
    except BindError as error:
        problems = list(error.problems)
    return [
        Finding(loaded.file, *loaded.at(problem.path), problem.code, problem.severity, problem.message)
        for problem in problems
    ]


def _failed_cases(loaded: Loaded, bound: BoundMapping, objects: Mapping[str, ObjectType]) -> Iterator[Problem]:
    names = Counter(case.name for case in loaded.mapping.tests)
    for index, case in enumerate(loaded.mapping.tests):
        if names[case.name] > 1:
            path = ("tests", index, "name")
            yield Problem(path, "M312", f"test {case.name!r} stands {names[case.name]} times; give each its own name")
        result = run_case(bound, case, objects)
        for place, difference in zip(result.places, result.differences, strict=True):
            yield Problem(("tests", index, *place), "M311", f"test {case.name!r}: {difference}")
