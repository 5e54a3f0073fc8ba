"""Builds the message of a stored delivery: reads what it needs, decides nothing."""

import re
from collections.abc import Iterable

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, Message, NoticeMessage, Outlet
from bot.errors import StorageError
from bot.judgement.addresses import host_of
from bot.judgement.summary import better, brief
from bot.model import PAGE_CHANGE, Catalog, Event
from storage import articles, deliveries, holding, items, stories
from storage.articles import ArticleRow
from storage.database import Connection
from storage.deliveries import AlertRow, DeliveryRow
from storage.items import ItemRow
from storage.late import LATE
from storage.stories import Story

_OUTLETS_SHOWN = 5
#: A post's own address on any Mastodon server: nobody else's article.
_POST = re.compile(r"/@[^/]+/\d+$")


async def build_message(conn: Connection, row: DeliveryRow, catalog: Catalog) -> Message:
    """The message of this delivery as of now. Raises ``StorageError`` when its story is not there."""
    if row.kind == "notice":
        return NoticeMessage(token=row.token, channel=row.channel, title=row.title, text=row.text)
    if row.kind == "digest":
        children = await deliveries.children(conn, row.id)
        entries = [await _entry(conn, child.alert, catalog) for child in children if child.alert]
        entries.sort(key=lambda entry: (-entry.grade.rank, entry.published))
        counted = f"{len(entries)} {'alert' if len(entries) == 1 else 'alerts'}"
        title = f"Digest, {row.created:%d %B %Y}: {counted}"
        if children and all(child.folded_for == LATE for child in children):
            title = f"{counted} that could not be told in time"
        return DigestMessage(token=row.token, channel=row.channel, title=title, entries=tuple(entries))
    if row.alert is None:
        raise StorageError(f"delivery {row.id} has no alert")
    return await _alert_message(conn, row, row.alert, catalog)


async def _story_and_item(conn: Connection, alert: AlertRow) -> tuple[Story, ItemRow, list[ItemRow]]:
    story = await stories.story(conn, alert.story)
    told = await items.items_of_story(conn, alert.story, limit=50)
    item = next((row for row in told if row.id == alert.item), None) or (told[0] if told else None)
    if story is None or item is None:
        raise StorageError(f"alert {alert.id}: story {alert.story} is not stored")
    return story, item, told


async def _alert_message(
    conn: Connection, row: DeliveryRow, alert: AlertRow, catalog: Catalog
) -> AlertMessage:
    story, item, told = await _story_and_item(conn, alert)
    first = await deliveries.first_message(conn, alert.story, row.channel)
    article = await articles.article(conn, item.id)
    url = _address(item, article)
    replaced = await holding.replaced_answers(conn, alert.story, row.channel, before=row.id)
    event = alert.event if replaced is None else Event.NEW  # the first that this channel hears of it
    title, summary = _said(alert, item, article)
    return AlertMessage(
        token=row.token,
        channel=row.channel,
        story=story.id,
        event=event,
        title=title,
        url=url,
        publisher=item.publisher,
        author=item.author,
        grade=alert.grade,
        previous_grade=alert.previous_grade if event is Event.UPGRADE else None,
        witnesses=story.witnesses,
        topics=catalog.topic_names(alert.topics),
        published=item.published,
        summary=summary,
        site=_original_site(item, url, catalog),
        tags=_tags(article, catalog.topic_names(alert.topics)),
        outlets=_outlets(told, item),
        answers=_last_answers([*(replaced or ()), alert.answers]),
        reason=alert.reason,
        reply_to=first[0] if first and first[0] else None,
    )


def _said(alert: AlertRow, item: ItemRow, article: ArticleRow | None) -> tuple[str, str]:
    """Headline and text: the item's with what its article says, or what a correction says is right."""
    if alert.event is not Event.CORRECTION:
        return item.title, _summary(item, article)
    title, _, text = alert.excerpt.partition("\n")
    return title, text


def _last_answers(given: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The last word on each question ("Is it out? → yes")."""
    return tuple({line.partition(" → ")[0]: line for lines in given for line in lines}.values())


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
