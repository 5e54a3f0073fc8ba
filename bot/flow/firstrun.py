"""What is told of a pile of old news: the newest few stories of each topic, the rest is only recorded. Pure."""

from collections import Counter
from collections.abc import Sequence

from bot.model import Event, TopicId, Verdict

#: Stories told of each topic at a first start, and of a source's first or wholly changed document.
FEW = 3


def newest_few(verdicts: Sequence[Verdict], *, few: int = FEW) -> list[Verdict]:
    """The verdicts to tell, in their own order: at most ``few`` new stories of each topic, newest first chosen."""
    counts: Counter[TopicId] = Counter()
    chosen: set[int] = set()
    for index in sorted(range(len(verdicts)), key=lambda i: verdicts[i].item.published, reverse=True):
        verdict = verdicts[index]
        if verdict.event is Event.NEW and any(counts[topic] < few for topic in verdict.topic_ids):
            chosen.add(index)
            counts.update(verdict.topic_ids)
    return [verdict for index, verdict in enumerate(verdicts) if index in chosen]
