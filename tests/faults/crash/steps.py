"""The steps between a webhook and the commit of what came of it, found in the source and made to report themselves.

A step is the moment after an `await`, after entering or leaving an `async with`, or after a turn of an `async for`; and
the beginning of the two functions where all starts. Between two steps nothing leaves the process, so that to die there
is the same wherever exactly it happens. List and instrumented code come out of one walk over the syntax tree, and
cannot differ.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

CODE: Final = Path(__file__).parents[3]
# `workflows/lane.py` is left out: Temporal replays it from its history, so that it has no moment of its own to lose.
ON_THE_WAY: Final = (
    "workflows/activities.py",
    "workflows/sync/*.py",
    "workflows/store/*.py",
    "workers/connections.py",
    "workers/receiving.py",
    "workers/committing.py",
    "workers/lanes.py",
    "workers/gateway.py",
    "connectors/*.py",
    "connectors/jira/*.py",
    "connectors/asana/*.py",
)
BEGINNINGS: Final = {("workers.gateway", "build.receive"), ("workflows.activities", "SyncActivities.sync_batch")}
"""Where a webhook comes in, and where a batch begins: all that is reached from there is on the way."""

BEGAN, REACHED, LEAVING = "_crash_began", "_crash_reached", "_crash_leaving"
"""The names under which instrumented modules find what they call."""


@dataclass(frozen=True, order=True)
class Step:
    """`kind`: began, after (an await), entered, left, next or end (of an `async for`)."""

    module: str
    line: int
    column: int
    kind: str
    function: str
    text: str

    @property
    def name(self) -> str:
        """What identifies it, for example `workflows.sync.writing:77:18:after`."""
        return f"{self.module}:{self.line}:{self.column}:{self.kind}"


@cache
def modules() -> dict[str, Path]:
    """The files on the way, by module."""
    files = sorted(path for pattern in ON_THE_WAY for path in CODE.glob(pattern) if path.name != "__init__.py")
    return {".".join(path.relative_to(CODE).with_suffix("").parts): path for path in files}


@cache
def every_step() -> tuple[Step, ...]:
    """All steps of all modules, in the order of the source."""
    return tuple(
        step
        for module, path in sorted(modules().items())
        for step in sorted(instrument(module, path.read_text(encoding="utf-8"))[1])
    )


def instrument(module: str, source: str) -> tuple[ast.Module, list[Step]]:
    """A module that reports its steps, and these steps."""
    walk = _Walk(module, source)
    tree = ast.fix_missing_locations(walk.visit(ast.parse(source)))
    return tree, walk.steps


class _Walk(ast.NodeTransformer):
    def __init__(self, module: str, source: str) -> None:
        self._module, self._source = module, source
        self._inside: list[str] = []
        self.steps: list[Step] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._scope(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._scope(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        self._scope(node)
        if (self._module, ".".join([*self._inside, node.name])) in BEGINNINGS:
            self._inside.append(node.name)
            node.body.insert(0, self._report(node, "began", BEGAN))
            self._inside.pop()
        return node

    def visit_Await(self, node: ast.Await) -> ast.AST:
        report = self._call(node, "after", REACHED)
        self.generic_visit(node)
        report.args.append(node)
        return ast.copy_location(report, node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        """One `async with` for each item, so that each is entered and left for itself, also by a `return`."""
        steps = [
            (item, self._report(item.context_expr, "entered", REACHED), self._call(item.context_expr, "left", LEAVING))
            for item in node.items
        ]
        self.generic_visit(node)
        body: list[ast.stmt] = node.body
        for item, entered, leaving in reversed(steps):
            inner = ast.copy_location(ast.AsyncWith(items=[item], body=[entered, *body]), node)
            body = [ast.copy_location(ast.With(items=[ast.withitem(context_expr=leaving)], body=[inner]), node)]
        return body[0]

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        following, end = self._report(node.iter, "next", REACHED), self._report(node.iter, "end", REACHED)
        self.generic_visit(node)
        node.body.insert(0, following)
        node.orelse.insert(0, end)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        if node.is_async:
            place = f"{self._module}:{node.iter.lineno}"
            raise NotImplementedError(f"{place}: an `async for` in a comprehension cannot be stopped at; write a loop")
        return self.generic_visit(node)

    def _scope(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self._inside.append(node.name)
        self.generic_visit(node)
        self._inside.pop()
        return node

    def _call(self, node: ast.expr | ast.stmt, kind: str, what: str) -> ast.Call:
        shown = ast.get_source_segment(self._source, node) or ""
        text = " ".join((shown if kind != "began" else shown.partition("\n")[0]).split())
        step = Step(self._module, node.lineno, node.col_offset, kind, ".".join(self._inside), text)
        self.steps.append(step)
        called = ast.Call(func=ast.Name(id=what, ctx=ast.Load()), args=[ast.Constant(value=step.name)], keywords=[])
        return ast.copy_location(called, node)

    def _report(self, node: ast.expr | ast.stmt, kind: str, what: str) -> ast.Expr:
        return ast.copy_location(ast.Expr(value=self._call(node, kind, what)), node)
