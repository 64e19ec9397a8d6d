"""`opt_fields`: which properties of a resource an answer shows.

A list shows compact resources and a single read the whole one, unless `opt_fields` says otherwise; then exactly what it
names is shown, and the gid. A path without a dot into a resource shows that resource compact.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

Getter = Callable[[Any, Any], Any]
Chosen = tuple[tuple[str, Getter, "Wanted"], ...]
"""Properties to show: the name of each, how it is read, and what is wanted of what is found."""

ABSENT: Final = object()
PLAIN: Final = frozenset({str, bool, type(None)})


class Shape(NamedTuple):
    """The properties of one type: how each is read, and which are shown unasked in lists and in single reads."""

    getters: Mapping[str, Getter]
    compact: tuple[str, ...]
    full: tuple[str, ...]


SHAPES: dict[type, Shape] = {}


def define(type_: type, getters: Mapping[str, Getter], compact: str, opt_in: str = "") -> None:
    """Register a type; Both lists separate names by spaces; `opt_in` are never shown unasked."""
    hidden = frozenset(opt_in.split())
    SHAPES[type_] = Shape(getters, tuple(compact.split()), tuple(name for name in getters if name not in hidden))


class Wanted:
    """What `opt_fields` names at one point of a path, by name; where it names nothing, what is shown `unasked`."""

    __slots__ = ("_chosen", "names", "unasked")

    def __init__(self, unasked: Callable[[Shape], tuple[str, ...]]) -> None:
        self.names: dict[str, Wanted] = {}
        self.unasked = unasked
        self._chosen: dict[type, Chosen | None] = {}

    def of(self, type_: type) -> Chosen | None:
        """What to show of a type of resources, worked out once, as neither names nor shapes change; None for others."""
        if type_ not in self._chosen:
            shape = SHAPES.get(type_)
            self._chosen[type_] = None if shape is None else self._choose(shape)
        return self._chosen[type_]

    def _choose(self, shape: Shape) -> Chosen:
        names = {"gid": COMPACT, **self.names} if self.names else dict.fromkeys(self.unasked(shape), COMPACT)
        return tuple((name, shape.getters[name], below) for name, below in names.items() if name in shape.getters)


def _compact(shape: Shape) -> tuple[str, ...]:
    return shape.compact


COMPACT: Final = Wanted(_compact)
WHOLE: Final = Wanted(lambda shape: shape.full)


@lru_cache(maxsize=4096)
def parse(opt_fields: str) -> Wanted:
    """What `a,b.c,b.d` asks for."""
    top = Wanted(_compact)
    for path in opt_fields.split(","):
        point = top
        for name in path.strip().split("."):
            point = point.names.setdefault(name, Wanted(_compact))
    return top


def show(value: Any, view: Any, wanted: Wanted = COMPACT) -> Any:
    """A value as JSON; of resources what is wanted, which is WHOLE for a single read without `opt_fields`."""
    chosen = wanted.of(type(value))
    if chosen is None:
        return _show_plain(value, view, wanted)
    answer = {}
    for name, read, below in chosen:
        found = read(value, view)
        if type(found) in PLAIN:
            answer[name] = found
        elif found is not ABSENT:
            answer[name] = show(found, view, below)
    return answer


def _show_plain(value: Any, view: Any, wanted: Wanted) -> Any:
    if isinstance(value, list):
        return [show(item, view, wanted) for item in value]
    if isinstance(value, dict):
        names = wanted.names
        return {name: show(item, view) for name, item in value.items() if not names or name in names or name == "gid"}
    return value
