"""What a subscription lets through. Pure; every refusal has its reason in words."""

from collections.abc import Collection
from functools import lru_cache

from bot.judgement.addresses import host_of
from bot.judgement.terms import Scan, Term, new_term
from bot.judgement.text import fold
from bot.model import ALL_TOPICS, CONSOLE, Event, Grade, Item, Mode, Verdict
from storage.subscriptions import Subscription


def kept_out(
    subscription: Subscription, verdict: Verdict, *, muted_topics: Collection[str] = frozenset()
) -> str:
    """Which filter keeps this verdict out, in words; "" when the subscription lets it through.

    Words are looked for in title and summary as a topic's terms are: at word borders in Latin script, anywhere in
    Chinese and Japanese, in any case, ``*`` for any ending. A source is excluded by the name of its publisher, by its
    host with all that is under it, or by the id of the source that is read. ``muted_topics``: what the channel does
    not want to hear now; a story that touches another of its topics too is still told.
    """
    if verdict.event is Event.NONE:
        return "it touches no topic"
    topics = set(verdict.topic_ids)
    if subscription.topic != ALL_TOPICS:
        topics &= {subscription.topic}
        if not topics:
            return f"its topic is not {subscription.topic}"
    if topics <= set(muted_topics):
        return "its topic is muted here"
    item, grade = verdict.item, verdict.graded.grade
    if grade.rank < subscription.min_grade.rank:
        return f"its evidence ({grade}) is below {subscription.min_grade}"
    if subscription.languages and item.language not in subscription.languages:
        return f"its language ({item.language or 'not known'}) is not {' or '.join(subscription.languages)}"
    if subscription.words and _word_in(subscription.words, item) is None:
        return f"it has none of the words {', '.join(subscription.words)}"
    if (unwanted := _word_in(subscription.not_words, item)) is not None:
        return f"it has the word {unwanted}"
    if (source := _source_in(subscription.not_sources, item)) is not None:
        return f"its source is {source}"
    return ""


def refusal(subscription: Subscription) -> str:
    """Why nobody should be told like this, "" where it is fine. For chat: the terminal may have everything."""
    if (
        subscription.channel != CONSOLE
        and subscription.topic == ALL_TOPICS
        and subscription.mode is Mode.INSTANT
        and subscription.min_grade is Grade.OPINION
        and not subscription.words
    ):
        return (
            "Every topic, any evidence, at once: that is more than anybody reads, and what matters drowns in it. "
            "Name one topic, or ask for better evidence (min-grade report or above), or for a digest (mode daily), or "
            "for some words."
        )
    return ""


def _word_in(words: tuple[str, ...], item: Item) -> str | None:
    """The first of these words that the item has."""
    if not words:
        return None
    scan = _scan(item.title, item.summary)
    return next((term.text for term in _terms(words) if scan.where(term)), None)


def _source_in(sources: tuple[str, ...], item: Item) -> str | None:
    """The first of these sources that the item is from."""
    host = host_of(item.url).removeprefix("www.")
    for source in sources:
        wanted = fold(source).strip()
        if wanted in (fold(item.publisher).strip(), item.source.casefold()):
            return source
        domain = (host_of(wanted) if "://" in wanted else wanted.partition("/")[0]).removeprefix("www.")
        if "." in domain and (host == domain or host.endswith(f".{domain}")):
            return source
    return None


@lru_cache(maxsize=4)  # one item is asked for by many subscriptions, one after another
def _scan(title: str, summary: str) -> Scan:
    return Scan(title, summary)


@lru_cache(maxsize=512)
def _terms(words: tuple[str, ...]) -> tuple[Term, ...]:
    return tuple(term for word in words if (term := new_term(word)) is not None)
