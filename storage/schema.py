"""The tables as they are at the newest migration. A test holds migrations and this file together."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from storage.columns import Moment, OutsideText, Serial, Span

#: Every constraint has a name, so that a later migration can change it on both back ends.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)

notes = Table(
    "notes",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

sources = Table(
    "sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", OutsideText, nullable=False),
    Column("kind", Text, nullable=False),
    Column("url", OutsideText, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("grade", Text, nullable=False),
    Column("every", Span, nullable=False),
    Column("language", Text, nullable=False),
    Column("publisher", OutsideText, nullable=False),
    Column("why", OutsideText, nullable=False),
    Column("mode", Text, nullable=False, server_default="poll"),
    Column("stream", OutsideText, nullable=False, server_default=""),
    Column("every_min", Span),
    Column("every_max", Span),
    Column("user_given", Boolean, nullable=False),
    Column("given_by", Text, nullable=False, server_default=""),  # the channel whose people gave it
    Column("enabled", Boolean, nullable=False),  # false: the catalog no longer has it
    Column("etag", OutsideText),
    Column("last_modified", OutsideText),
    Column("body_hash", Text, nullable=False),
    Column("next_poll", Moment, nullable=False),
    Column("last_poll", Moment),
    Column("last_ok", Moment),
    Column("last_new", Moment),
    Column("last_status", Integer),
    Column("last_error", OutsideText, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("oks", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("stopped", OutsideText, nullable=False),
    Column("current_url", OutsideText, nullable=False, server_default=""),  # learnt from stable redirects
    Column(
        "moved_url", OutsideText, nullable=False, server_default=""
    ),  # where the last poll was sent for good
    Column("moved_seen", Integer, nullable=False, server_default="0"),
    Column(
        "memo", OutsideText, nullable=False, server_default=""
    ),  # what its adapter keeps from poll to poll
    Column("pace", JSON(none_as_null=True), nullable=False, server_default="{}"),
    Column("usual_gap", Span),  # the smoothed time between two polls that brought something new
    Column("announced", Moment),  # since when people know that it cannot be read
    Index("ix_sources_due", "enabled", "stopped", "next_poll"),
)

#: Subscriptions at WebSub hubs (W3C WebSub): who pushes which source, and until when.
websub = Table(
    "websub",
    metadata,
    Column("source_id", Text, ForeignKey("sources.id"), primary_key=True),
    Column("hub", OutsideText, nullable=False),
    Column("topic_url", OutsideText, nullable=False),
    Column("token", Text, nullable=False, unique=True),  # the last part of the callback's address
    Column("secret", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked", Moment, nullable=False),
    Column("lease_until", Moment),
    Column("error", OutsideText, nullable=False),
)

#: Topics around whose expected event their sources are asked as often as they may be.
hot_topics = Table(
    "hot_topics",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("set_by", OutsideText, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # judgement chooses it
    Column("title", OutsideText, nullable=False),
    Column("url", OutsideText, nullable=False),
    Column("publisher", OutsideText, nullable=False),
    Column("language", Text, nullable=False),
    Column("summary", OutsideText, nullable=False),
    Column("grade", Text, nullable=False),
    Column("topics", JSON, nullable=False),  # the same as story_topics, which is there to be searched
    Column("outlets", JSON, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("says", JSON, nullable=False, server_default="{}"),  # who says it: speaker -> whom it relays
    Column("on_topic", Boolean, nullable=False),
    Index("ix_stories_on_topic_first_at", "on_topic", "first_at"),
)

story_topics = Table(
    "story_topics",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("story_id", BigInteger, ForeignKey("stories.id"), primary_key=True, index=True),
)

items = Table(
    "items",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("source_id", Text, ForeignKey("sources.id"), nullable=False),
    Column("external_id", OutsideText, nullable=False),
    Column("url", OutsideText, nullable=False),
    Column("url_key", BigInteger, nullable=False, index=True),  # addresses may be too long for an index
    Column("title", OutsideText, nullable=False),
    Column("summary", OutsideText, nullable=False),
    Column("folded", OutsideText),  # title and summary casefolded, where lower-casing ASCII is not enough
    Column("author", OutsideText, nullable=False),
    Column("publisher", OutsideText, nullable=False),
    Column("language", Text, nullable=False),
    Column("published", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("source_grade", Text, nullable=False),
    # Checked at commit: an item is inserted before it is known whether its story has to be.
    Column(
        "story_id",
        BigInteger,
        ForeignKey("stories.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
        index=True,
    ),
    Column("event", Text, nullable=False),
    Column("alert", Boolean, nullable=False),
    Column("grade", Text, nullable=False),
    Column("grade_reason", OutsideText, nullable=False),
    Column("cites", OutsideText, nullable=False),
    Column("speaker", OutsideText, nullable=False, server_default=""),
    Column("witness", OutsideText, nullable=False, server_default=""),
    Column("previous_grade", Text),
    Column("topics", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("claims", JSON, nullable=False),
    Column("watch", JSON, nullable=False),
    Column("backfill", Boolean, nullable=False),  # recorded when its source was first read, or in a flood
    Column("pruned", Boolean, nullable=False),
    UniqueConstraint("source_id", "external_id"),
    Index("ix_items_seen", "seen"),
)

#: A figure that an item claims. What else is known of it stands in the item.
claims = Table(
    "claims",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("item_id", BigInteger, ForeignKey("items.id"), nullable=False, index=True),
    Column("subject", OutsideText, nullable=False),
    Column("subject_key", OutsideText, nullable=False),  # the subject casefolded
    Column("metric", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("value_max", Double),
    Column("unit", Text, nullable=False),
    Column("precision", Text),
    Column("relative_to", OutsideText),
    Column("at", Moment, nullable=False),
    Index("ix_claims_subject_key_at", "subject_key", "at"),
    Index("ix_claims_at", "at"),
)

licences = Table(
    "licences",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("item_id", BigInteger, ForeignKey("items.id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("subject", OutsideText, nullable=False),
    Column("subject_key", OutsideText, nullable=False),  # subject and docket casefolded
    Column("before", OutsideText, nullable=False),
    Column("after", OutsideText, nullable=False),
    Column("document", Text, nullable=False),
    Column("agency", OutsideText, nullable=False),
    Column("docket", OutsideText, nullable=False),
    Column("effective", Text, nullable=False),  # a date as YYYY-MM-DD, "" when none is told
    Column("at", Moment, nullable=False),
    Index("ix_licences_at", "at"),
)

watch_states = Table(
    "watch_states",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("story_id", BigInteger, ForeignKey("stories.id")),
    Column("title", OutsideText, nullable=False),
    Column("url", OutsideText, nullable=False),
    Column("grade", Text),
    Column("moves", Integer, nullable=False),
)

watch_moves = Table(
    "watch_moves",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", OutsideText, nullable=False),
    Column("item_id", BigInteger, ForeignKey("items.id")),  # null: known before the pack was written
    Index("ix_watch_moves_topic_question", "topic", "question"),
)

#: What was put right after it was told: by its source ("title"), or by an administrator.
corrections = Table(
    "corrections",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("story_id", BigInteger, ForeignKey("stories.id"), index=True),
    Column("other_story_id", BigInteger, ForeignKey("stories.id")),  # merged into it, or split off from it
    Column("item_id", BigInteger, ForeignKey("items.id"), index=True),
    Column("topic", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("before", OutsideText, nullable=False),
    Column("after", OutsideText, nullable=False),
    Column("made_by", OutsideText, nullable=False),
    Column("channel", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

#: Until when somebody said that a question would have its answer.
deadlines = Table(
    "deadlines",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("phrase", OutsideText, nullable=False),
    Column("said", Moment, nullable=False),
    Column("item_id", BigInteger, ForeignKey("items.id"), nullable=False),
    Column("grade", Text, nullable=False),
    Column("closed", Moment),  # reached, or reported as passed
    UniqueConstraint("topic", "question", "at"),
    Index("ix_deadlines_closed_at", "closed", "at"),
)

channels = Table(
    "channels",
    metadata,
    Column("key", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("reason", OutsideText, nullable=False),
    Column("gone_at", Moment),
    Column("server", Text, nullable=False, server_default=""),  # discord:<guild id> or slack:<team id>
    Column("name", OutsideText, nullable=False, server_default=""),
    Column("kind", Text, nullable=False, server_default=""),  # text, announcement, forum, thread, direct
    Column("locale", Text, nullable=False, server_default=""),
    Column("zone", Text, nullable=False, server_default=""),
    Column("budget", Integer),  # alerts a day; null: the default
    Column("burst", Integer),  # alerts an hour; null: the default
    Column("threads", Boolean, nullable=False, server_default=false()),
    Column("publish", Boolean, nullable=False, server_default=false()),
    Index("ix_channels_server", "server"),
)

#: Discord servers and Slack workspaces that Tipoff is or was in.
servers = Table(
    "servers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", OutsideText, nullable=False),
    Column("since", Moment, nullable=False),
    Column("left_at", Moment),
    Column("purge_at", Moment),  # when its data is deleted
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel", Text, ForeignKey("channels.key"), nullable=False),
    Column("topic", Text, nullable=False, index=True),
    Column("min_grade", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("quiet", Text, nullable=False),
    Column("words", JSON, nullable=False, server_default="[]"),
    Column("not_words", JSON, nullable=False, server_default="[]"),
    Column("not_sources", JSON, nullable=False, server_default="[]"),
    Column("digest_at", Text, nullable=False, server_default=""),  # 08:00
    Column("digest_day", Text, nullable=False, server_default=""),  # monday
    Column("zone", Text, nullable=False, server_default=""),
    Column("mention", Text, nullable=False, server_default=""),  # a role or user group, the platform's id
    Column("mention_from", Text, nullable=False, server_default=""),  # a grade
    Column("created", Moment, nullable=False),
    Column("created_by", OutsideText, nullable=False),
    UniqueConstraint("channel", "topic"),
)

#: What a channel does not want to hear for a time: one story or one topic.
mutes = Table(
    "mutes",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("channel", Text, ForeignKey("channels.key"), nullable=False, index=True),
    Column("story_id", BigInteger, ForeignKey("stories.id"), index=True),
    Column("topic", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("made_by", OutsideText, nullable=False),
    Column("created", Moment, nullable=False),
)

#: What a person said of an alert: useful, noise, wrong-story.
feedback = Table(
    "feedback",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("alert_id", BigInteger, ForeignKey("alerts.id"), nullable=False),
    Column("channel", Text, ForeignKey("channels.key"), nullable=False),
    Column("server", Text, nullable=False),
    Column("said_by", OutsideText, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("publisher", OutsideText, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("alert_id", "said_by"),
    Index("ix_feedback_server_at", "server", "at"),
)

#: What feedback changed for a server (or for a channel without one), until somebody takes it back.
server_rules = Table(
    "server_rules",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("server", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("value", OutsideText, nullable=False),
    Column("cause", OutsideText, nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone", Moment),
    Column("undone_by", OutsideText, nullable=False),
)

#: Who changed what a server is told, and when.
audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("server", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("made_by", OutsideText, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", OutsideText, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_audit_server_at", "server", "at"),
)

#: Slack workspaces that installed the app; ``sealed`` is encrypted with the key from the settings.
slack_installs = Table(
    "slack_installs",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("enterprise", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("user_id", Text, nullable=False),  # "" for the bot's own
    Column("sealed", Text, nullable=False),
    Column("bot_expires", Moment),
    Column("installed", Moment, nullable=False),
    UniqueConstraint("enterprise", "team", "user_id"),
)

#: Installations that were begun and not yet ended (OAuth 2.0's state).
slack_states = Table(
    "slack_states",
    metadata,
    Column("state", Text, primary_key=True),
    Column("expires", Moment, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("story_id", BigInteger, ForeignKey("stories.id"), nullable=False, index=True),
    Column("item_id", BigInteger, ForeignKey("items.id")),
    Column("event", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("previous_grade", Text),
    Column("reason", OutsideText, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("topics", JSON, nullable=False),
    Column("excerpt", OutsideText, nullable=False),
    Column("excerpt_sha256", Text, nullable=False),
    Column("created", Moment, nullable=False),
)

articles = Table(
    "articles",
    metadata,
    Column("item_id", BigInteger, ForeignKey("items.id"), primary_key=True, autoincrement=False),
    Column("url", OutsideText, nullable=False),
    Column("summary", OutsideText, nullable=False),
    Column("keywords", JSON, nullable=False),
    Column("problem", OutsideText, nullable=False),
    Column("read", Moment, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("alert_id", BigInteger, ForeignKey("alerts.id")),
    Column("channel", Text, ForeignKey("channels.key"), nullable=False),
    Column("platform", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("digest", Boolean, nullable=False),  # waits to be folded into a digest; never sent singly
    Column("digest_id", BigInteger, ForeignKey("deliveries.id"), index=True),
    Column("notice_key", Text),
    Column("title", OutsideText, nullable=False),
    Column("text", OutsideText, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first_tried", Moment),
    Column("owner", Text),
    Column("lease_until", Moment),
    Column("ambiguous", Boolean, nullable=False),
    Column("last_error", OutsideText, nullable=False),
    Column("message_id", Text),
    Column("thread_id", Text),
    Column(
        "folded_for", Text, nullable=False, server_default=""
    ),  # budget, burst, quiet, feedback, late; "": as asked for
    Column(
        "publish", Text, nullable=False, server_default=""
    ),  # waiting, done, failed: announcement channels
    Column("publish_due", Moment),
    Column("created", Moment, nullable=False),
    Column("finished", Moment),
    UniqueConstraint("alert_id", "channel"),
    UniqueConstraint("channel", "notice_key"),
    Index("ix_deliveries_state_due", "state", "due"),
    Index("ix_deliveries_channel_state", "channel", "state"),
    Index("ix_deliveries_channel_due", "channel", "due"),
)
