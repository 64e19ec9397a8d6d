"""What commands print: words for people, or JSON; and the error that ends a command."""

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

FAILED, MISUSED = 1, 2
"""Exit codes: something was found or failed; the command was asked for wrongly."""


class CommandError(Exception):
    """Ends a command with one or two sentences that say what to type next; `code` is FAILED or MISUSED."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class Output:
    """Where a command's results go. One a process: `main` sets `as_json` before a command runs."""

    as_json = False

    @property
    def console(self) -> "Console":
        """For people: colours only on a terminal, text as it is given."""
        from rich.console import Console

        return Console(highlight=False, markup=False, emoji=False)

    def show(self, data: Any, render: Callable[["Console"], None]) -> None:
        """The result of a command: `data` as JSON, or what `render` prints for people."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")
            sys.stdout.flush()
        else:
            render(self.console)

    def lines(self, data: Any, *lines: str) -> None:
        """The same, for results that are a few lines for people; long ones are left to the terminal to wrap."""
        self.show(data, lambda console: console.print("\n".join(lines), soft_wrap=True))

    def say(self, *lines: str) -> None:
        """A word on the way, for people only."""
        if not self.as_json:
            self.console.print("\n".join(lines), soft_wrap=True)

    def fail(self, message: str) -> None:
        """Why a command ends: on standard error for people, `{"error": ...}` on standard output as JSON."""
        if self.as_json:
            sys.stdout.write(json.dumps({"error": message}, ensure_ascii=False) + "\n")
        else:
            sys.stderr.write(f"syncline: {message}\n")


out = Output()
