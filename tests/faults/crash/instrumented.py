"""Loads the modules on the way so that each step reports that it was reached, and ends the process where told to."""

import asyncio
import importlib.machinery
import importlib.util
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.abc import MetaPathFinder
from types import CodeType, ModuleType
from typing import TypeVar

from tests.faults.crash.orders import Desk, Orders, Passed
from tests.faults.crash.steps import BEGAN, LEAVING, REACHED, instrument, modules

T = TypeVar("T")


class Witness:
    """Hears of every step in one process. What sweeps and the care for hooks do is not on the way, and not noted."""

    def __init__(self, desk: Desk, part: str) -> None:
        self._desk, self._part = desk, part
        self._orders, self._stamp = Orders(0), (0, 0)
        self._died = 0
        self._passings: Counter[str] = Counter()
        self._moment = 0
        self._task: asyncio.Task[object] | None = None
        self._on_the_way: ContextVar[bool] = ContextVar("on_the_way", default=False)

    def began(self, step: str) -> None:
        """All that this task does from now on, and what it starts, is on the way."""
        self._on_the_way.set(True)
        self.reached(step)

    def reached(self, step: str, value: T | None = None) -> T | None:
        """Note it, and die here if that is the order. Gives the value on."""
        if self._on_the_way.get():
            self._note(step)
        return value

    @contextmanager
    def leaving(self, step: str) -> Iterator[None]:
        """A step that is reached when a block ends well."""
        yield
        self.reached(step)

    def _note(self, step: str) -> None:
        stamp = self._desk.stamp()
        if stamp != self._stamp:
            self._orders, self._stamp = self._desk.orders(), stamp
            self._died = self._desk.deaths(self._orders.round)
            self._passings.clear()
        self._passings[step] += 1
        self._desk.note_passed(self._orders, Passed(self._part, self._moment_now(), step))
        for death in self._orders.deaths[self._died : self._died + 1]:
            if (death.part, death.step, death.passing) == (self._part, step, self._passings[step]):
                self._desk.note_died(self._orders, death)
                os.kill(os.getpid(), signal.SIGKILL)

    def _moment_now(self) -> int:
        """Another number as soon as this task has waited for anything, or another one ran."""
        task = asyncio.current_task()
        if task is not self._task:
            self._moment, self._task = self._moment + 1, task
            asyncio.get_running_loop().call_soon(self._end_moment)
        return self._moment

    def _end_moment(self) -> None:
        self._task = None


class _Loader(importlib.machinery.SourceFileLoader):
    """Always from the source: neither takes compiled code that does not report, nor leaves any that does."""

    def __init__(self, fullname: str, path: str, witness: Witness) -> None:
        super().__init__(fullname, path)
        self._witness = witness

    def get_code(self, fullname: str) -> CodeType:
        source = importlib.util.decode_source(self.get_data(self.path))
        code: CodeType = compile(instrument(fullname, source)[0], self.path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        names = {BEGAN: self._witness.began, REACHED: self._witness.reached, LEAVING: self._witness.leaving}
        vars(module).update(names)
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        file = modules().get(fullname)
        if file is None:
            return None
        loader = _Loader(fullname, str(file), self._witness)
        return importlib.util.spec_from_file_location(fullname, file, loader=loader)


def install(witness: Witness) -> None:
    """From now on the modules on the way report to this witness. Raises RuntimeError where one is loaded already."""
    early = sorted(modules().keys() & sys.modules.keys())
    if early:
        raise RuntimeError(f"already loaded, so that no step of them would be heard of: {', '.join(early)}")
    sys.meta_path.insert(0, _Finder(witness))
