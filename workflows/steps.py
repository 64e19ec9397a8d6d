"""The signatures of the activities, without bodies, so that workflow code loads nothing that does I/O."""

from temporalio import activity

from workflows.messages import Batch, BatchResult, PairRequest, PairResult, ScanPage, ScanRequest


class Sync:
    """What a lane lets do. A worker registers a subclass with bodies."""

    @activity.defn
    async def sync_batch(self, batch: Batch) -> BatchResult:
        """Bring the links of these refs in step; safe to repeat."""
        raise NotImplementedError

    @activity.defn
    async def scan_page(self, request: ScanRequest) -> ScanPage:
        """Read one page of what changed on a side."""
        raise NotImplementedError

    @activity.defn
    async def pair_records(self, request: PairRequest) -> PairResult:
        """Pair what exists on the sides by the mapping's `match`; safe to repeat."""
        raise NotImplementedError
