"""Value tables: total, unambiguous, and made of options that exist."""

from collections.abc import Collection, Iterator, Mapping

from connectors.contract import Field
from mappings.errors import Problem
from mappings.findings import nearest
from mappings.places import Place

Path = tuple[str | int, ...]
Table = Mapping[str, Mapping[str, tuple[str, ...]]]


def rows_by_native(table: Table) -> dict[str, dict[str, str]]:
    """The table read backwards: by side, the row of each native value."""
    found: dict[str, dict[str, str]] = {}
    for row, sides in table.items():
        for side, natives in sides.items():
            found.setdefault(side, {}).update(dict.fromkeys(natives, row))
    return found


def table_problems(
    path: Path, table: Table, sides: Collection[str], bound: Collection[str], written: Collection[str]
) -> Iterator[Problem]:
    """Rows that name no side, that leave out a side that is written, and native values in two rows."""
    field = path[-2]
    rows: dict[tuple[str, str], str] = {}
    for row, natives in table.items():
        for side, values in natives.items():
            if side not in bound:
                why = f"has no binding of {field}" if side in sides else f"is no side{nearest(side, sides)}"
                yield Problem((*path, row, side), "M201", f"row {row} of {field}: {side!r} {why}")
            for value in dict.fromkeys(values):
                other = rows.setdefault((side, value), row)
                if other != row:
                    message = f"{value!r} of {side} stands in the rows {other} and {row} of {field}; keep it in one"
                    yield Problem((*path, row, side), "M206", message)
        for side in written:
            if not natives.get(side):
                message = f"row {row} of {field} says nothing for {side}, which is written; add `{side}: ...`"
                yield Problem((*path, row), "M206", message)


def check_table_options(path: Path, table: Table, place: Place, native: Field, *, reads: bool) -> Iterator[Problem]:
    """Name natives that are no options of the live field; yields the options that no row has."""
    told: set[str] = set()
    for row, sides in table.items():
        values = sides.get(place.name, ())
        told |= set(values)
        for index, value in enumerate(values):
            where = (*path, row, place.name, index) if len(values) > 1 else (*path, row, place.name)
            place.check_options(native, [value], where)
    left = [option for option in native.options or () if option not in told]
    if reads and left:
        names = ", ".join(map(repr, left))
        message = f"no row of {path[-2]} has {names} of {place.name}; a record that shows it waits for a person"
        yield Problem(path, "M206", message, "warning")
