"""Builds the message of a stored delivery: reads what it needs, decides nothing."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.delivery.contract import (
    AlertMessage,
    DigestEntry,
    DigestMessage,
    Message,
    NoticeMessage,
    Outlet,
    Place,
)
from bot.delivery.correcting import in_words_of
from bot.delivery.digests import digest_title, once_a_story, why_folded
from bot.delivery.meanwhile import Gathered, gathered, meanwhile
from bot.delivery.places import place_of
from bot.delivery.samples import sample_message
from bot.delivery.wording import wording
from bot.errors import StorageError
from bot.judgement.addresses import host_of
from bot.judgement.summary import better, brief
from bot.model import PAGE_CHANGE, Catalog, Event
from storage import articles, deliveries, holding, items, stories
from storage.articles import ArticleRow
from storage.database import Connection
from storage.deliveries import AlertRow, DeliveryRow
from storage.items import ItemRow
from storage.stories import Story

_OUTLETS_SHOWN = 5
#: A post's own address on any Mastodon server: nobody else's article.
_POST = re.compile(r"/@[^/]+/\d+$")


class Shared:
    """What the messages of one alert to many channels have in common, read once."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[Story, ItemRow, list[ItemRow], ArticleRow | None]] = {}

    async def of(
        self, conn: Connection, alert: AlertRow
    ) -> tuple[Story, ItemRow, list[ItemRow], ArticleRow | None]:
        """Story, item, the story's items, and the item's article. Raises ``StorageError``."""
        if alert.id not in self._found:
            story, item, told = await _story_and_item(conn, alert)
            self._found[alert.id] = (story, item, told, await articles.article(conn, item.id))
        return self._found[alert.id]


async def build_message(
    conn: Connection, row: DeliveryRow, catalog: Catalog, shared: Shared | None = None
) -> Message:
    """The message of this delivery as of now. Raises ``StorageError`` when its story is not there.

    ``shared``: for several at the same moment.
    """
    if row.alert is not None:
        earlier = await holding.earlier(conn, row.alert.story, row.channel, before=row.id)
        told = gathered(row, row.alert, earlier)
        return await _alert_message(conn, row, told, catalog, shared or Shared())
    place = await place_of(conn, row.channel)
    if row.kind == "sample":
        return sample_message(row, place)
    if row.kind == "digest":
        return await _digest_message(conn, row, catalog, place)
    if row.kind == "notice":
        return NoticeMessage(
            token=row.token, channel=row.channel, title=row.title, text=row.text, place=place
        )
    raise StorageError(f"delivery {row.id} has no alert")


async def _digest_message(
    conn: Connection, row: DeliveryRow, catalog: Catalog, place: Place
) -> DigestMessage:
    children = await deliveries.children(conn, row.id)
    entries = once_a_story([await _entry(conn, child.alert, catalog) for child in children if child.alert])
    made, said = row.created.astimezone(ZoneInfo(place.zone)), wording(place.locale)
    return DigestMessage(
        token=row.token,
        channel=row.channel,
        title=digest_title(children, len(entries), made=made, said=said),
        entries=tuple(entries),
        reason=why_folded((child.folded_for for child in children), said),
        place=place,
    )


async def _story_and_item(conn: Connection, alert: AlertRow) -> tuple[Story, ItemRow, list[ItemRow]]:
    story = await stories.story(conn, alert.story)
    told = await items.items_of_story(conn, alert.story, limit=50)
    item = next((row for row in told if row.id == alert.item), None) or (told[0] if told else None)
    if story is None or item is None:
        raise StorageError(f"alert {alert.id}: story {alert.story} is not stored")
    return story, item, told


async def _alert_message(
    conn: Connection, row: DeliveryRow, told: Gathered, catalog: Catalog, shared: Shared
) -> AlertMessage:
    alert = told.lead
    place = await place_of(conn, row.channel, replace(alert, event=told.event, answers=told.answers))
    story, item, shown, article = await shared.of(conn, alert)
    first = await deliveries.first_message(conn, alert.story, row.channel)
    url = _address(item, article)
    title, summary = _said(alert, item, article)
    return AlertMessage(
        token=row.token,
        channel=row.channel,
        story=story.id,
        event=told.event,
        title=title,
        url=url,
        publisher=item.publisher,
        author=item.author,
        grade=alert.grade,
        previous_grade=told.previous_grade,
        witnesses=story.witnesses,
        topics=catalog.topic_names(alert.topics),
        published=item.published,
        summary=summary,
        site=_original_site(item, url, catalog),
        tags=_tags(article, catalog.topic_names(alert.topics)),
        outlets=_outlets(shown, item),
        answers=_answers(told, place),
        reason=alert.reason,
        reply_to=first[0] if first and first[0] else None,
        alert=alert.id,
        place=place,
        meanwhile=meanwhile(
            told, item, shown, due=row.due, zone=ZoneInfo(place.zone), said=wording(place.locale)
        ),
    )


def _answers(told: Gathered, place: Place) -> tuple[str, ...]:
    if told.event is not Event.CORRECTION:
        return told.answers
    said = wording(place.locale)
    return tuple(in_words_of(said, line) for line in told.answers)


def _said(alert: AlertRow, item: ItemRow, article: ArticleRow | None) -> tuple[str, str]:
    """Headline and text: the item's with what its article says, or what a correction says is right."""
    if alert.event is not Event.CORRECTION:
        return item.title, _summary(item, article)
    title, _, text = alert.excerpt.partition("\n")
    return title, text


async def _entry(conn: Connection, alert: AlertRow, catalog: Catalog) -> DigestEntry:
    story, item, _ = await _story_and_item(conn, alert)
    article = await articles.article(conn, item.id)
    return DigestEntry(
        story=story.id,
        event=alert.event,
        title=_said(alert, item, article)[0],
        url=_address(item, article),
        publisher=item.publisher,
        grade=alert.grade,
        topics=catalog.topic_names(alert.topics),
        published=item.published,
    )


def _address(item: ItemRow, article: ArticleRow | None) -> str:
    return article.url if article is not None and article.url else item.url


def _summary(item: ItemRow, article: ArticleRow | None) -> str:
    if item.external_id.startswith(PAGE_CHANGE):
        return item.summary  # what changed on a watched page, line by line: no sentences to choose from
    return better(article.summary if article is not None else "", brief(item.summary))


def _original_site(item: ItemRow, url: str, catalog: Catalog) -> str:
    """The host of the article that a post or an aggregator points to, "" when the publisher wrote it itself. Not the
    name that the page gives itself: anybody can call himself Reuters."""
    name = item.publisher.casefold()
    publisher = next((each for each in catalog.publishers if name in map(str.casefold, each.names)), None)
    if publisher is None or publisher.kind not in ("social", "aggregator"):
        return ""
    host = host_of(url).removeprefix("www.")
    own = any(host == domain or host.endswith("." + domain) for domain in publisher.domains)
    return "" if own or _POST.search(url) else host


def _tags(article: ArticleRow | None, topics: tuple[str, ...]) -> tuple[str, ...]:
    names = {topic.casefold() for topic in topics}
    return (
        tuple(tag for tag in article.keywords if tag.casefold() not in names) if article is not None else ()
    )


def _outlets(told: list[ItemRow], lead: ItemRow) -> tuple[Outlet, ...]:
    """The other outlets, best proof first, one row a publisher."""
    best: dict[str, ItemRow] = {}
    for row in told:
        held = best.get(row.publisher)
        if row.publisher != lead.publisher and (
            held is None or row.graded.grade.rank > held.graded.grade.rank
        ):
            best[row.publisher] = row
    rows = sorted(best.values(), key=lambda row: (-row.graded.grade.rank, row.published))
    return tuple(
        Outlet(publisher=row.publisher, url=row.url, grade=row.graded.grade) for row in rows[:_OUTLETS_SHOWN]
    )
