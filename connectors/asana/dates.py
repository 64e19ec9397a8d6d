"""Asana's rules for due and start: a day or a moment, never both, and no start without a due date beside it.

https://developers.asana.com/reference/updatetask
"""

from typing import Final

from connectors.asana.client import Json
from connectors.contract import Fields

_PAIRS: Final = (("due_on", "due_at"), ("start_on", "start_at"))
DATES: Final = tuple(key for pair in _PAIRS for key in pair)


def parts(fields: Fields, task: Json) -> tuple[dict[str, Json], dict[str, str]]:
    """What each date among `fields` must send, and those that are refused; `task` is what is there now.

    Of a day and a moment the one with a value is sent, which clears the other.
    """
    sent = {key: fields[key] for key in DATES if key in fields}
    refused: dict[str, str] = {}
    for day, moment in _PAIRS:
        if day not in sent or moment not in sent:
            continue
        if sent[day] is not None and sent[moment] is not None:
            refused[day] = f"Asana keeps a day or a time, not both; {moment} was written"
        del sent[moment if sent[moment] is None else day]
    due = {key: sent[key] for key in _PAIRS[0] if key in sent} or _due_now(task)
    if not any(due.values()):
        # Asana would drop such a start without a word.
        reason = "Asana keeps a start only beside a due date; set that too"
        refused |= {key: reason for key in _PAIRS[1] if sent.pop(key, None) is not None}
    return {key: {key: value, **(due if key.startswith("start") else {})} for key, value in sent.items()}, refused


def _due_now(task: Json) -> Json:
    return {"due_at": task["due_at"]} if task.get("due_at") else {"due_on": task.get("due_on")}
