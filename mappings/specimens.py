"""Records and people that exist only to prove a mapping: for the tests in files and for the laws."""

from collections.abc import Collection
from datetime import UTC, datetime

from connectors.contract import Fields, Record, Ref
from mappings.bound import BoundMapping
from mappings.people import People
from mappings.translate import Peers

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
"""When a specimen was edited unless something else is said."""


def specimen(bound: BoundMapping, side: str, fields: Fields, updated: datetime = LONG_AGO) -> Record:
    """A record of a side; fields not given are empty. The record of the n-th side has the id n."""
    place = bound.sides[side]
    ref = Ref(place.connection, place.object, str(list(bound.sides).index(side) + 1))
    whole = {**dict.fromkeys(sorted(place.keys)), **fields}
    return Record(ref=ref, fields=whole, created=LONG_AGO, updated=updated, version="1")


def peers_of(bound: BoundMapping, ids: Collection[str]) -> Peers:
    """People known by email only, and for each of these ids a link `link-ID` with a record of that id on every side."""
    refs = {
        (f"link-{id_}", side): str(Ref(place.connection, place.object, id_))
        for id_ in ids
        for side, place in bound.sides.items()
    }
    return Peers(People(()), {ref: link for (link, _), ref in refs.items()}, refs)
