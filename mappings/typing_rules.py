"""Which type a canonical field has, from what its sides say."""

from collections.abc import Mapping

from connectors.contract import FieldType
from mappings.errors import Problem
from mappings.model import Conflict

Path = tuple[str | int, ...]

TEXTUAL = frozenset({FieldType.TEXT, FieldType.OPTION, FieldType.URL})
LISTS_OF_NAMES = frozenset({FieldType.OPTIONS, FieldType.USERS, FieldType.RECORDS})
TEXTS = frozenset({FieldType.TEXT, FieldType.RICH_TEXT})


def canonical_type(
    path: Path,
    explicit: FieldType | None,
    firm: Mapping[str, FieldType],
    likely: Mapping[str, FieldType],
    *,
    has_values: bool,
) -> tuple[FieldType, list[Problem]]:
    """The type of the field at `path`, and where the sides disagree with it or with each other.

    `firm`: by side, the type its value surely has. `likely`: that of the native field where `get` may change it; used
    only where nothing is firm.
    """
    problems: list[Problem] = []
    said = firm or likely
    type_ = explicit or _common(said)
    if type_ is None or not all(_agree(other, type_) for other in firm.values()):
        says = [f"{side} is {other}" for side, other in said.items()]
        says += [f"`type` is {explicit}"] if explicit else []
        message = f"the types of {path[-1]} do not agree: {', '.join(says)}; convert with `get`, `put` and `type`"
        problems.append(Problem(path, "M203", message))
    type_ = type_ or next(iter(said.values()))
    if not has_values:
        return type_, problems
    if type_ not in TEXTUAL | {FieldType.OPTIONS}:
        message = f"{path[-1]} is {type_}; a value table needs text or options, which `get` and `put` can make"
        problems.append(Problem((*path, "values"), "M203", message))
    return (FieldType.OPTION if type_ in TEXTUAL and not explicit else type_), problems


def _common(types: Mapping[str, FieldType]) -> FieldType | None:
    said = set(types.values())
    if len(said) == 1:
        return said.pop()
    return FieldType.TEXT if said <= TEXTUAL else None


def _agree(one: FieldType, other: FieldType) -> bool:
    return one == other or {one, other} <= TEXTUAL


def conflict_problem(field: str, type_: FieldType, conflict: Conflict, path: Path) -> Problem | None:
    """What is wrong with a policy for this type."""
    suited = {"union": LISTS_OF_NAMES, "merge": TEXTS}.get(conflict.policy)
    if suited is None or type_ in suited:
        return None
    fits = ", ".join(sorted(suited))
    return Problem(path, "M205", f"conflict: {conflict.policy} is for {fits}, and {field} is {type_}; use `latest`")
