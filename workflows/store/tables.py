"""The tables. Times are seconds since 1970 in UTC; JSON columns hold canonical values by field name."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")

links = Table(
    "links",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("mapping", String(200), nullable=False),
    Column("state", String(16), nullable=False, server_default="active"),
    Column("base", JSON, nullable=True),
    Column("shown", JSON, nullable=False, server_default=text("'{}'")),
    Column("announced", JSON, nullable=False, server_default=text("'{}'")),
    Column("looked", JSON, nullable=False, server_default=text("'{}'")),
    Column("sources", JSON, nullable=False, server_default=text("'{}'")),
    Column("late", JSON, nullable=False, server_default=text("'{}'")),
    Column("created_at", Float, nullable=False),
    Column("synced_at", Float, nullable=True),
    Index("links_by_mapping", "mapping", "state"),
)
"""`base` None: not merged yet. `state`: active, or ended (a member was deleted; kept so that nothing is made anew)."""

members = Table(
    "members",
    metadata,
    Column("mapping", String(200), primary_key=True),
    Column("side", String(100), primary_key=True),
    Column("external_id", String(200), primary_key=True),
    Column("link", ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
    Column("version", Text, nullable=False, server_default=""),
    Column("discussed", Text, nullable=False, server_default=""),
    Column("updated_at", Float, nullable=False, server_default="0"),
    Column("url", Text, nullable=False, server_default=""),
    Column("gone", Boolean, nullable=False, server_default=text("false")),
    Column("seen_in", String(40), nullable=True),
    UniqueConstraint("link", "side", name="members_one_a_side"),
)
"""`version`, and `updated_at` by the system's own clock, as last read. `gone`: deleted there.

`discussed`: the version as of which comments and attachments were looked at.

`seen_in`: the last full scan that listed it.
"""

intents = Table(
    "intents",
    metadata,
    Column("link", ForeignKey("links.id", ondelete="CASCADE"), primary_key=True),
    Column("side", String(100), primary_key=True),
    Column("attempted_at", Float, nullable=True),
)
"""A record is to be created; `attempted_at`: when a request that may have created it last went out."""

remarks = Table(
    "remarks",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("link", ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("origin_side", String(100), nullable=False),
    Column("origin_id", String(200), nullable=False),
    Column("side", String(100), nullable=False),
    Column("external_id", String(200), nullable=True),
    Column("digest", String(64), nullable=False),
    Column("mark", Text, nullable=False, server_default=""),
    Column("attempted_at", Float, nullable=True),
    UniqueConstraint("link", "kind", "origin_side", "origin_id", "side", name="remarks_one_a_side"),
)
"""A comment or attachment and its copy on one side; `external_id` None: the copy is intended, or was refused.

`mark`: what the copy carries, so that it is known even after the original is gone.
"""

journal = Table(
    "journal",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("mapping", String(200), nullable=False),
    Column("link", String(40), nullable=True),
    Column("kind", String(24), nullable=False),
    Column("side", String(100), nullable=True),
    Column("ref", Text, nullable=True),
    Column("field", String(200), nullable=True),
    Column("data", JSON, nullable=False),
    Index("journal_by_link", "link", "id"),
    Index("journal_by_mapping", "mapping", "id"),
)

parked = Table(
    "parked",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("mapping", String(200), nullable=False),
    Column("link", String(40), nullable=False, server_default=""),
    Column("side", String(100), nullable=False),
    Column("field", String(200), nullable=False, server_default=""),
    Column("ref", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("value", JSON, nullable=True),
    Column("since", Float, nullable=False),
    UniqueConstraint("mapping", "link", "ref", "side", "field", name="parked_once"),
)
"""`field` empty: the whole record. `value`: what could not be written, so that the same is not tried for ever."""

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=True),
    Column("mapping", String(200), nullable=False),
    Column("link", ForeignKey("links.id", ondelete="CASCADE"), nullable=False),
    Column("field", String(200), nullable=False),
    Column("values", JSON, nullable=False),
    Column("opened_at", Float, nullable=False),
    UniqueConstraint("link", "field", name="conflicts_once"),
)
"""Open conflicts: `values` by side. A closed one is only in the journal."""

leases = Table(
    "leases",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("owner", String(300), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("until", Float, nullable=False),
)

cursors = Table(
    "cursors",
    metadata,
    Column("mapping", String(200), primary_key=True),
    Column("side", String(100), primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("swept_at", Float, nullable=False),
)
"""How far a side was swept: everything up to the cursor is in the lane."""

identity = Table("identity", metadata, Column("prefix", String(8), primary_key=True))
"""One row, made with the tables: what the markers of this store begin with, so that it knows its own again."""

applied = Table(
    "applied",
    metadata,
    Column("mapping", String(200), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("applied_at", Float, nullable=False),
)
"""What a mapping was last applied with; where its scopes changed, nothing new is created until it is applied again."""

hooks = Table(
    "hooks",
    metadata,
    Column("connection", String(200), primary_key=True),
    Column("hook", String(200), primary_key=True),
    Column("vendor_id", String(200), nullable=True),
    Column("secret", Text, nullable=True),
    Column("pending_until", Float, nullable=True),
)
"""`pending_until`: a handshake is accepted until then, because we are registering the hook right now."""

quotas = Table(
    "quotas",
    metadata,
    Column("connection", String(200), primary_key=True),
    Column("next_at", Float, nullable=False),
    Column("rests_until", Float, nullable=False),
)
"""Of a connection with a rate: when the next request may start that nobody has reserved, by the database's clock.

`rests_until`: nobody may start before, because the system said so.
"""
