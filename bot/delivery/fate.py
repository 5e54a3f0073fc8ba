"""What became of a link: seen or not, on which topic, in which story, and told to a channel or kept from it by
what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.delivery.filters import kept_out
from bot.judgement.canonical import canonical_url
from bot.judgement.explain_topics import TopicExplainer, TopicNote
from bot.model import ALL_TOPICS, Catalog, ChannelKey, Event
from storage import articles, history, items, mutes, stories, subscriptions
from storage.database import Connection
from storage.history import Here, Told
from storage.items import ItemRow
from storage.mutes import Mute
from storage.stories import Story
from storage.subscriptions import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """``url``: the link in its one form. ``item`` None: no source that is read has shown it; all else is empty then.

    ``notes``: for an item on no topic, the topics of which it has some words, with what kept it out. ``story`` with
    its ``lead``: the item that leads it (``merged``: another one than this). ``alert``: the alert that this item made,
    None when it made none (``item.reasons`` says why). ``told``: the story's alerts. ``here``: what of the story this
    channel was told or is to be told; ``held_until``: when what waits is told. ``kept``: why this channel was not told
    of this item, in words; empty when it was, or when the item made no alert.
    """

    url: str
    item: ItemRow | None = None
    notes: tuple[TopicNote, ...] = ()
    story: Story | None = None
    lead: ItemRow | None = None
    alert: Told | None = None
    told: tuple[Told, ...] = ()
    here: tuple[Here, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def merged(self) -> bool:
        return self.item is not None and self.lead is not None and self.lead.id != self.item.id

    @property
    def held_until(self) -> datetime | None:
        waiting = [one.due for one in self.here if one.waits]
        return min(waiting, default=None)


async def fate(conn: Connection, catalog: Catalog, url: str, *, channel: ChannelKey) -> Fate:
    """What became of ``url``, which may be an article that an item only points to, as seen from a channel."""
    link = canonical_url(url)
    item = await items.item_by_url(conn, link)
    if item is None and (number := await articles.item_of(conn, link)) is not None:
        item = await items.item(conn, number)
    if item is None:
        return Fate(url=link)
    story = await stories.story(conn, item.story)
    lead = next(iter(await items.items_of_story(conn, item.story, limit=1)), None)
    if item.event is Event.NONE:
        notes = TopicExplainer(catalog.topics).explain(item.as_item())
        return Fate(url=link, item=item, notes=notes, story=story, lead=lead)
    told = await history.told(conn, item.story)
    here = await history.told_here(conn, item.story, channel)
    alert = next((one for one in told if one.item == item.id), None)
    mine = [one for one in here if one.item == item.id]
    kept: tuple[str, ...] = ()
    if alert is not None and not mine:
        before = here and not item.alert
        kept = ("the story was told here before",) if before else await _why_kept(conn, item, alert, channel)
    return Fate(
        url=link,
        item=item,
        story=story,
        lead=lead,
        alert=alert,
        told=tuple(told),
        here=tuple(here),
        kept=kept,
    )


async def _why_kept(conn: Connection, item: ItemRow, alert: Told, channel: ChannelKey) -> tuple[str, ...]:
    held = await subscriptions.of_channel(conn, channel)
    muted = await mutes.ever_of_channel(conn, channel)
    return kept_from(item, alert.at, held, muted) or ("this channel asked for something else at the time",)


def kept_from(
    item: ItemRow, at: datetime, held: Sequence[Subscription], muted: Sequence[Mute]
) -> tuple[str, ...]:
    """Which of a channel's wishes kept an alert decided ``at`` then from it, one line each; () for none of them.
    Pure."""
    then = [mute for mute in muted if mute.created <= at < mute.until]
    for mute in then:
        if mute.story == item.story:
            return (f"its story is muted here until {mute.until:%d %b %H:%M} UTC",)
    topics = {match.topic for match in item.topics}
    concerned = [one for one in held if one.topic == ALL_TOPICS or one.topic in topics]
    if not concerned:
        return ("this channel has no subscription to its topics",)
    lines = []
    for one in concerned:
        reason = kept_out(one, item.as_verdict(), muted_topics={mute.topic for mute in then if mute.topic})
        if not reason and at < one.created:
            reason = f"this channel subscribed only on {one.created:%d %b %Y %H:%M} UTC"
        if reason:
            lines.append(f"subscription to {one.topic}: {reason}")
    return tuple(lines) if len(lines) == len(concerned) else ()
