"""Keeps a workflow from acting on half a workflow task, which no later replay would repeat."""

from datetime import datetime

from temporalio import workflow


class HalfTaskError(Exception):
    """Asked too early. Fails the query that was the reason; asked again a moment later, it is answered."""

    def __init__(self) -> None:
        super().__init__("asked between a change and the workflow task that takes it in; ask again in a second")


class WholeTasks:
    """What a workflow knew of its history when it last acted.

    Temporal's core answers a query for a workflow that is not in the worker's cache by replaying its history to the
    very end, including events whose workflow task has not started (seen with temporalio 1.35.0). The code runs on them
    by the clock of the task before, and without what else arrives until the task starts. What it then does goes out
    with that task, which does not wake it again. A replay hands it all of these events at once, by the task's own
    clock: anything else that it does then is a nondeterminism error, and the workflow is stuck for good.

    Waiting is no way out, as nothing wakes the workflow; but raising is: the query fails, the worker forgets what it
    computed, and replays from the start for the task. So ask one query at a time: of several at once that are refused,
    the core loses some, and may lose the task as well, until it times out.
    """

    def __init__(self) -> None:
        self.events = 0
        self.task: tuple[int, datetime] | None = None

    def check(self) -> None:
        """Call at each waking, before acting. Raises HalfTaskError where the events at hand are not a whole task's.

        That shows in events that are more than before, while the size of the history and the time, which both come
        from the event that starts a task, are the same.
        """
        info = workflow.info()
        events, task = info.get_current_history_length(), (info.get_current_history_size(), workflow.now())
        if events > self.events and task == self.task:
            raise HalfTaskError
        self.events, self.task = events, task
