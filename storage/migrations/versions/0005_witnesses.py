"""Who stands behind an item, corrections, and deadlines of watch questions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("items", sa.Column("speaker", sa.Text(), nullable=False, server_default=""))
    op.add_column("items", sa.Column("witness", sa.Text(), nullable=False, server_default=""))
    op.add_column("stories", sa.Column("says", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "corrections",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("other_story_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_corrections_item_id_items")),
        sa.ForeignKeyConstraint(
            ["other_story_id"], ["stories.id"], name=op.f("fk_corrections_other_story_id_stories")
        ),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_corrections_story_id_stories")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_story_id", "corrections", ["story_id"])
    op.create_index("ix_corrections_item_id", "corrections", ["item_id"])
    op.create_table(
        "deadlines",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("phrase", sa.Text(), nullable=False),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("fk_deadlines_item_id_items")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadlines")),
        sa.UniqueConstraint("topic", "question", "at", name=op.f("uq_deadlines_topic_question_at")),
    )
    op.create_index("ix_deadlines_closed_at", "deadlines", ["closed", "at"])


def _serial() -> "sa.types.TypeEngine[int]":
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
