"""Streams, intervals with bounds, moved addresses, what an adapter keeps, WebSub, hot topics."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        _text("mode", "poll"),
        _text("stream", ""),
        sa.Column("every_min", sa.BigInteger(), nullable=True),
        sa.Column("every_max", sa.BigInteger(), nullable=True),
        _text("given_by", ""),
        _text("current_url", ""),
        _text("moved_url", ""),
        sa.Column("moved_seen", sa.Integer(), nullable=False, server_default="0"),
        _text("memo", ""),
        sa.Column("pace", sa.JSON(), nullable=False, server_default="{}"),
        sa.Column("usual_gap", sa.BigInteger(), nullable=True),
        sa.Column("announced", sa.BigInteger(), nullable=True),
    ):
        op.add_column("sources", column)
    op.create_index("ix_items_seen", "items", ["seen"])
    op.create_table(
        "websub",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["sources.id"], name=op.f("fk_websub_source_id_sources")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_websub")),
        sa.UniqueConstraint("token", name=op.f("uq_websub_token")),
    )
    op.create_table(
        "hot_topics",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_hot_topics")),
    )


def _text(name: str, default: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)
