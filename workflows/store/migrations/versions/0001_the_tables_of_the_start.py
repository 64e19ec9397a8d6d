"""The tables of the start"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "applied",
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("applied_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("mapping"),
    )
    op.create_table(
        "cursors",
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=100), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("swept_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("mapping", "side"),
    )
    op.create_table(
        "hooks",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("hook", sa.String(length=200), nullable=False),
        sa.Column("vendor_id", sa.String(length=200), nullable=True),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("pending_until", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "hook"),
    )
    op.create_table(
        "identity", sa.Column("prefix", sa.String(length=8), nullable=False), sa.PrimaryKeyConstraint("prefix")
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("side", sa.String(length=100), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("field", sa.String(length=200), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("journal_by_link", ["link", "id"], unique=False)
        batch_op.create_index("journal_by_mapping", ["mapping", "id"], unique=False)

    op.create_table(
        "leases",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("owner", sa.String(length=300), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "links",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="active", nullable=False),
        sa.Column("base", sa.JSON(), nullable=True),
        sa.Column("shown", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("announced", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("looked", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("sources", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("late", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("synced_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("links_by_mapping", ["mapping", "state"], unique=False)

    op.create_table(
        "parked",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=40), server_default="", nullable=False),
        sa.Column("side", sa.String(length=100), nullable=False),
        sa.Column("field", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("mapping", "link", "ref", "side", "field", name="parked_once"),
    )
    op.create_table(
        "quotas",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("rests_until", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("connection"),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["link"], ["links.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link", "field", name="conflicts_once"),
    )
    op.create_table(
        "intents",
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=100), nullable=False),
        sa.Column("attempted_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link", "side"),
    )
    op.create_table(
        "members",
        sa.Column("mapping", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Text(), server_default="", nullable=False),
        sa.Column("discussed", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("seen_in", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("mapping", "side", "external_id"),
        sa.UniqueConstraint("link", "side", name="members_one_a_side"),
    )
    op.create_table(
        "remarks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("origin_side", sa.String(length=100), nullable=False),
        sa.Column("origin_id", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=100), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.Text(), server_default="", nullable=False),
        sa.Column("attempted_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["links.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("link", "kind", "origin_side", "origin_id", "side", name="remarks_one_a_side"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("remarks")
    op.drop_table("members")
    op.drop_table("intents")
    op.drop_table("conflicts")
    op.drop_table("quotas")
    op.drop_table("parked")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index("links_by_mapping")

    op.drop_table("links")
    op.drop_table("leases")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("journal_by_mapping")
        batch_op.drop_index("journal_by_link")

    op.drop_table("journal")
    op.drop_table("identity")
    op.drop_table("hooks")
    op.drop_table("cursors")
    op.drop_table("applied")
