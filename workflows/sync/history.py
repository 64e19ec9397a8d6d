"""Who last edited the fields of a record, by their names in the mapping."""

from collections.abc import Iterable

from connectors.contract import Capability, Edit, Record
from workflows.sync.run import Run


async def last_edits(run: Run, side: str, record: Record, names: Iterable[str]) -> dict[str, Edit]:
    """Of those fields that are native ones there, as far as the system tells. Raises what connectors raise."""
    connector, fields = run.live.connector(side), run.live.bound.fields
    keys = {name: native.key for name in names if (native := fields[name].bindings[side].field) is not None}
    if not keys or Capability.HISTORY not in connector.capabilities:
        return {}
    edits = await run.ask(side, connector.edits(record, set(keys.values())))
    return {name: edits[key] for name, key in keys.items() if key in edits}
