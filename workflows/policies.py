"""The named time budgets and retries of activities, with the reason for every number."""

from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.common import RetryPolicy

BATCH_SIZE: Final = 100
"""Refs a batch: one Jira bulk read, ten Asana batch reads."""

BATCHES_AT_ONCE: Final = 4
"""Enough to keep a connection's request slots busy while others wait for the network."""

WORTH_A_BATCH: Final = 20
GATHER_SECONDS: Final = 0.25
"""While a batch is under way, another begins once so many refs are ready, or one has been waiting for so long."""

PENDING_AT_MOST: Final = 10_000
"""Refs a lane holds; about 2 MB of history when it continues as new, Temporal's limit for one payload."""

SCAN_WATERMARK: Final = 200
"""A sweep asks for its next page once fewer refs than this are pending, so that memory stays bounded."""

LEASE_SECONDS: Final = 60.0
"""Renewed while a batch lives; after a death without a second attempt, its links are free again so soon."""

FRESH_SECONDS: Final = 1.0
"""How long it is believed that a batch is still ours. Temporal may give it to another worker some 1.2 s after ours
stood still: its heartbeat times out after 6 s, and the SDK may hold a beat back for 4.8 s of them."""

INFRASTRUCTURE: Final = RetryPolicy(
    initial_interval=timedelta(seconds=0.5), backoff_coefficient=2.0, maximum_interval=timedelta(seconds=10)
)
"""For crashes, and a store that is away: without end, because giving up would lose what was acknowledged."""

BATCH: Final = workflow.ActivityConfig(
    # 100 records with slow writes, attachments and a rate limit; a crash is noticed by the missing heartbeat.
    start_to_close_timeout=timedelta(seconds=600),
    heartbeat_timeout=timedelta(seconds=6),
    retry_policy=INFRASTRUCTURE,
)

SCAN: Final = workflow.ActivityConfig(
    # One page of one side.
    start_to_close_timeout=timedelta(seconds=300),
    heartbeat_timeout=timedelta(seconds=6),
    retry_policy=INFRASTRUCTURE,
)

PAIR: Final = workflow.ActivityConfig(
    # Both sides in full: 100,000 records at 100 a page and 5 pages a second take seven minutes.
    start_to_close_timeout=timedelta(hours=6),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=INFRASTRUCTURE,
)
