"""One side of a mapping while it is bound: looks up its fields and compiles what is said about its records."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from connectors.contract import Field, FieldType, ObjectType, Value
from connectors.values import normal
from mappings.bound import BoundSide
from mappings.errors import ExpressionError, Problem
from mappings.expressions import Expression
from mappings.findings import nearest
from mappings.model import Side

Path = tuple[str | int, ...]

OF_VALUE = frozenset({"value", "record"})
OF_RECORD = frozenset({"record"})


class Place:
    """A side, its object, and the native fields that were asked for. What is wrong goes to `problems`."""

    def __init__(self, name: str, side: Side, object_: ObjectType, problems: list[Problem]) -> None:
        self.name = name
        self._side = side
        self._object = object_
        self._problems = problems
        self._keys: set[str] = set()

    def key(self, name: str, path: Path, *, exactly: bool = False) -> tuple[str, Field | None]:
        """The field key of a name, to be fetched from now on, and the field where it is known.

        `exactly`: in another case it is another name, as in expressions.
        """
        field = self._object.field(name)
        if field and exactly and name not in (field.key, field.name):
            message = f"{self.name} has no field {name!r}; did you mean {field.key!r}? Case counts in expressions"
            self._problems.append(Problem(path, "M202", message))
        elif field is None:
            self._problems.append(self._unknown(name, path))
        key = field.key if field else name
        self._keys.add(key)
        return key, field

    def _unknown(self, name: str, path: Path) -> Problem:
        folded = {label.casefold(): label for field in self._object.fields for label in (field.key, field.name)}
        close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.8)
        what = f"{self._object.name} of {self.name}"
        if close or self._object.complete:
            hint = f"; did you mean {folded[close[0]]!r}?" if close else nearest(name, folded.values())
            return Problem(path, "M202", f"{what} has no field {name!r}{hint}")
        message = f"{name!r} is not a standard field of {what}; verify against the live system with `check --live`"
        return Problem(path, "M210", message, "warning")

    def expression(self, source: str | None, names: frozenset[str], path: Path) -> Expression | None:
        """The compiled expression; None where there is none, or where it is wrong."""
        if source is None:
            return None
        try:
            expression = Expression(source, names)
        except ExpressionError as error:
            self._problems.append(Problem(path, "M208", str(error)))
            return None
        for name in sorted(expression.record_fields):
            self.key(name, path, exactly=True)
        return expression

    def screen(
        self, screen: Mapping[str, Mapping[str, object]], native: Field | None, path: Path
    ) -> dict[str, dict[str, object]]:
        """The screens by status, with field keys, and values after `=` compiled."""
        bound: dict[str, dict[str, object]] = {}
        for status, fields in screen.items():
            if native:
                self.check_options(native, [status], (*path, status))
            bound[status] = {}
            for name, value in fields.items():
                place = (*path, status, name)
                is_code = isinstance(value, str) and value.startswith("=")
                filled = self.expression(str(value)[1:], OF_RECORD, place) if is_code else value
                bound[status][self.key(name, place)[0]] = filled
        return bound

    def check_options(self, field: Field, values: Collection[object], path: Path) -> None:
        """Name the values that the field has no option for, where its options are known."""
        for value in values:
            if field.options is not None and value not in field.options:
                message = f"{field.name} of {self.name} has no option {value!r}{nearest(str(value), field.options)}"
                self._problems.append(Problem(path, "M204", message))

    def bound(self) -> BoundSide:
        """The side itself; called last, so that it knows every key asked for."""
        path = ("sides", self.name)
        where = self.expression(self._side.where, OF_RECORD, (*path, "where"))
        defaults = None if self._side.create is False else self._defaults((*path, "create"))
        names = {field.key: field.name for field in self._object.fields if field.key in self._keys}
        return BoundSide(
            name=self.name,
            connection=self._side.connection,
            object=self._side.object,
            scope=self._side.scope,
            where=where,
            create=defaults,
            on_delete=self._side.on_delete,
            keys=frozenset(self._keys),
            names=names,
        )

    def _defaults(self, path: Path) -> dict[str, Value]:
        defaults: dict[str, Value] = {}
        for name, value in (self._side.create or {}).items():
            key, field = self.key(name, (*path, name))
            defaults[key] = self._default(field, value, (*path, name)) if field else value
        return defaults

    def _default(self, field: Field, value: object, path: Path) -> Value:
        if not field.creatable:
            message = f"{field.name} of {self.name} cannot be set when a record is created"
            self._problems.append(Problem(path, "M207", message))
        try:
            default = normal(field.type, value)
        except ValueError as error:
            self._problems.append(Problem(path, "M203", f"{field.name} of {self.name} is {field.type}: {error}"))
            return None
        if field.type in (FieldType.OPTION, FieldType.OPTIONS) and default is not None:
            self.check_options(field, default if isinstance(default, list) else [default], path)
        return default
