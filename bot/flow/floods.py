"""Says that a feed's whole content changed at once: the newest few of it were told, the rest was only recorded."""

from collections.abc import Mapping
from datetime import datetime

from bot.delivery.planning import notice_dues
from bot.model import Source, SourceId, Verdict
from storage import deliveries, subscriptions
from storage.database import Connection


async def tell_floods(
    tx: Connection,
    floods: Mapping[SourceId, tuple[Source, list[Verdict]]],
    told: set[int],
    *,
    now: datetime,
) -> int:
    """One notice a source and channel that would have been told of what was kept back; returns how many were made.

    ``floods``: by source id, the verdicts on its new items. ``told``: ids of those that became alerts.
    """
    made = 0
    for source, verdicts in floods.values():
        held = [verdict for verdict in verdicts if verdict.alert and id(verdict) not in told]
        shown = sum(1 for verdict in verdicts if verdict.alert and id(verdict) in told)
        topics = sorted({topic for verdict in held for topic in verdict.topic_ids})
        holders = await subscriptions.of_topics(tx, topics) if topics else []
        for channel, due in notice_dues(holders, now).items():
            title = f"{source.name} changed its whole content at once"
            text = (
                f"Entries that nobody had seen before: {len(verdicts)}. The newest {shown} were told, {len(held)} more "
                "that touch your topics were only recorded: latest and search find them."
            )
            key = f"flood:{source.id}:{now.date().isoformat()}"
            made += await deliveries.add_notice(tx, channel, title, text, now=now, due=due, key=key)
    return made
