"""What the kernel tells of processes and of the machine: processor time and memory (Linux, `/proc`)."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGES_A_MB: Final = 2**20 / os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far, in user and kernel mode."""
    return _ticks(pid, slice(11, 13)) / TICKS


def tree_cpu_seconds(pid: int) -> float:
    """The same of a process and all its children, those too that have ended."""
    ours = _ticks(pid, slice(11, 15)) / TICKS
    return ours + sum(tree_cpu_seconds(child) for child in _children(pid))


def _ticks(pid: int, which: slice) -> int:
    with suppress(FileNotFoundError):
        return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[which]))
    return 0


def machine_seconds() -> tuple[float, float]:
    """Processor time of all cores since the machine started: all of it, and what nobody wanted."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks) / TICKS, (ticks[3] + ticks[4]) / TICKS


def resident_mb(pid: int) -> float:
    """Memory that a process holds now; pages shared with others count in each."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) / PAGES_A_MB


def peak_mb(pid: int) -> float:
    """The most memory that a process has held since `forget_peak`, or since its start."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def forget_peak(pid: int) -> None:
    """Let `peak_mb` begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def children(pid: int) -> dict[str, int]:
    """The processes that a process has started: pid by the last word of the command line, or by the program's name."""
    return {_name(child): child for child in _children(pid)}


def _children(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _name(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
    program = Path(words[0]).name
    return words[-1] if program.startswith("python") else program


def total_mb(pids: Iterable[int]) -> float:
    """Memory of several processes together."""
    return sum(resident_mb(pid) for pid in pids)
