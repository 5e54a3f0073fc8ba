"""Builders: give only the fields that matter to a test."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import (
    ALL_TOPICS,
    CONSOLE,
    Catalog,
    Event,
    Grade,
    Graded,
    Item,
    ItemId,
    Source,
    SourceId,
    SourceKind,
    StoryId,
    TermLists,
    Topic,
    TopicId,
    TopicMatch,
    Verdict,
)
from storage.items import ItemRow
from storage.sources import SourceState
from storage.subscriptions import Subscription

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def an_item(**given: Any) -> Item:
    number = given.pop("number", 1)
    fields: dict[str, Any] = {
        "source": SourceId("reuters"),
        "external_id": f"id-{number}",
        "url": f"https://reuters.com/{number}",
        "title": f"DeepSeek V4 story {number}",
        "publisher": "Reuters",
        "published": NOW - timedelta(minutes=5),
        "seen": NOW,
        "language": "en",
    }
    return Item(**{**fields, **given})


def a_verdict(**given: Any) -> Verdict:
    topics = given.pop("topics", ("deepseek-v4",))
    grade = given.pop("grade", Grade.REPORT)
    number = given.pop("number", 1)
    item_fields = given.pop("item", {})
    event = given.pop("event", Event.NEW if topics else Event.NONE)
    fields: dict[str, Any] = {
        "item": an_item(number=number, **item_fields),
        "story": StoryId(number),
        "topics": tuple(
            TopicMatch(topic=TopicId(topic), matched=("deepseek v4",), reason="title: deepseek v4")
            for topic in topics
        ),
        "graded": Graded(grade=grade, reason="an outlet"),
        "event": event,
        "alert": event in (Event.NEW, Event.UPGRADE),
        "reasons": ("topic", "story", "grade", "first item of its story"),
    }
    return Verdict(**{**fields, **given})


def an_item_row(number: int = 1, **given: Any) -> ItemRow:
    """A stored item with its verdict: the first of story 1, on a topic."""
    fields: dict[str, Any] = {
        "id": ItemId(number), "source": SourceId("reuters"), "external_id": f"id-{number}",
        "url": f"https://reuters.com/{number}", "title": f"DeepSeek V4 story {number}", "publisher": "Reuters",
        "published": NOW - timedelta(minutes=5), "seen": NOW, "summary": "", "author": "", "language": "en",
        "source_grade": Grade.REPORT, "story": StoryId(1),
        "graded": Graded(grade=given.pop("grade", Grade.REPORT), reason="an outlet"), "event": Event.NEW,
        "alert": True, "reasons": ("topic", "story", "grade", "told: the first of its story"), "claims": (),
        "topics": tuple(
            TopicMatch(topic=TopicId(topic), matched=("deepseek v4",), reason="title: deepseek v4")
            for topic in given.pop("topics", ("deepseek-v4",))
        ),
        "watch": (), "previous_grade": None, "backfill": False,
    }  # fmt: skip
    return ItemRow(**{**fields, **given})


def a_subscription(**given: Any) -> Subscription:
    fields: dict[str, Any] = {"channel": CONSOLE, "topic": ALL_TOPICS, "created": NOW}
    return Subscription(**{**fields, **given})


def a_source(**given: Any) -> Source:
    fields: dict[str, Any] = {
        "id": SourceId("reuters"),
        "name": "Reuters",
        "kind": SourceKind.RSS,
        "url": "https://reuters.example/feed",
    }
    return Source(**{**fields, **given})


def a_topic(**given: Any) -> Topic:
    fields: dict[str, Any] = {
        "id": TopicId("deepseek-v4"),
        "name": "DeepSeek V4",
        "any": TermLists(terms={"": ("deepseek v4",)}),
    }
    return Topic(**{**fields, **given})


def a_catalog(**given: Any) -> Catalog:
    fields: dict[str, Any] = {"sources": (a_source(),), "topics": (a_topic(),)}
    return Catalog(**{**fields, **given})


def a_state(**given: Any) -> SourceState:
    """A source that was read before, without trouble."""
    source = a_source(**given.pop("source", {}))
    fields: dict[str, Any] = {
        "source": source, "etag": None, "last_modified": None, "next_poll": NOW, "last_poll": NOW,
        "last_ok": NOW, "last_new": NOW, "last_status": 200, "last_error": "", "failures": 0, "oks": 1,
        "items": 1, "stopped": "", "body_hash": "",
    }  # fmt: skip
    return SourceState(**{**fields, **given})
