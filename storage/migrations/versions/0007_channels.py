"""How channels want to be told, what people said of alerts, and the workspaces that installed the app."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("server", "name", "kind", "locale", "zone"):
        op.add_column("channels", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("budget", "burst"):
        op.add_column("channels", sa.Column(name, sa.Integer(), nullable=True))
    for name in ("threads", "publish"):
        op.add_column("channels", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_channels_server", "channels", ["server"])
    for name in ("words", "not_words", "not_sources"):
        op.add_column("subscriptions", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    for name in ("digest_at", "digest_day", "zone", "mention", "mention_from"):
        op.add_column("subscriptions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("folded_for", "publish"):
        op.add_column("deliveries", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("deliveries", sa.Column("publish_due", sa.BigInteger(), nullable=True))
    op.create_index("ix_deliveries_channel_due", "deliveries", ["channel", "due"])
    op.create_table(
        "servers",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.Column("purge_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_servers")),
    )
    op.create_table(
        "mutes",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.key"], name=op.f("fk_mutes_channel_channels")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_mutes_story_id_stories")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mutes")),
    )
    op.create_index("ix_mutes_channel", "mutes", ["channel"])
    op.create_index("ix_mutes_story_id", "mutes", ["story_id"])
    op.create_table(
        "feedback",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_feedback_alert_id_alerts")),
        sa.ForeignKeyConstraint(["channel"], ["channels.key"], name=op.f("fk_feedback_channel_channels")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("alert_id", "said_by", name=op.f("uq_feedback_alert_id_said_by")),
    )
    op.create_index("ix_feedback_server_at", "feedback", ["server", "at"])
    op.create_table(
        "server_rules",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_server_rules")),
    )
    op.create_index("ix_server_rules_server", "server_rules", ["server"])
    op.create_table(
        "audit",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_server_at", "audit", ["server", "at"])
    op.create_table(
        "slack_installs",
        sa.Column("id", _serial(), nullable=False),
        sa.Column("enterprise", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("bot_expires", sa.BigInteger(), nullable=True),
        sa.Column("installed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slack_installs")),
        sa.UniqueConstraint(
            "enterprise", "team", "user_id", name=op.f("uq_slack_installs_enterprise_team_user_id")
        ),
    )
    op.create_table(
        "slack_states",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_slack_states")),
    )


def _serial() -> "sa.types.TypeEngine[int]":
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
