"""Bluesky's Jetstream: every post of the network as JSON, and which of them a source asks for. Pure.

https://github.com/bluesky-social/jetstream describes the protocol, https://docs.bsky.app the searches and feeds.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.errors import ParseFailed, SourceRejected
from bot.intake.sources import bluesky
from bot.intake.sources.jsontext import Row, as_dict, as_list, text_of
from bot.intake.sources.parsed import Payload
from bot.model import RawItem, Source

#: The public instances. Their cursors are times, so that one can go on where another ended.
PUBLIC = tuple(
    f"wss://jetstream{number}.{place}.bsky.network/subscribe"
    for number, place in ((2, "us-east"), (1, "us-west"), (1, "us-east"), (2, "us-west"))
)
#: Bytes of one message. A post's text has 300 characters; most of a large one is its preview card.
MAX_MESSAGE_BYTES = 256 * 1024
_POSTS = "app.bsky.feed.post"
#: A reconnection asks again for the last seconds: the server's clock and order are not exact.
_REWIND = timedelta(seconds=5)
#: What is older is left to the poll: to replay the whole network would take minutes.
_LONGEST_REPLAY = timedelta(minutes=30)
#: More accounts than this would not fit into an address; all posts are read then.
_MOST_DIDS = 100

_SEARCH, _FEED = "/xrpc/app.bsky.feed.searchPosts", "/xrpc/app.bsky.feed.getAuthorFeed"
_WINDOW = frozenset({"limit", "sort", "cursor", "includePins"})
_WITHOUT_REPLIES = frozenset({"posts_no_replies", "posts_and_author_threads"})
_TERM = re.compile(r'"([^"]*)"|(\S+)')
_OPERATOR = re.compile(r"[()|]|^-.|^(?:AND|OR|NOT)$|^[a-z]+:")
#: Scripts without spaces between words: each sign is a word, and neighbours are a phrase.
_SIGN = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
_WORD = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post that was just created. ``time_us``: when the server saw it, in microseconds since 1970."""

    did: str
    rkey: str
    record: Row
    time_us: int

    @property
    def is_reply(self) -> bool:
        return bool(self.record.get("reply"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a search asks for: every phrase (a word is a short one) and every hashtag must be there."""

    phrases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = ""

    def matches(self, words: str, tags: frozenset[str], languages: frozenset[str]) -> bool:
        return (
            all(phrase in words for phrase in self.phrases)
            and all(tag in tags for tag in self.tags)
            and (not self.language or self.language in languages)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What an account's feed asks for. ``actor``: its handle, or its DID."""

    actor: str
    replies: bool


def wanted(source: Source) -> Search | Account:
    """What the source's poll would show. Raises ``SourceRejected`` where only the server can tell that."""
    parts = urlsplit(bluesky.request(source.url)[0])
    asked = {name: values for name, values in parse_qs(parts.query).items() if name not in _WINDOW}
    path = parts.path.rstrip("/")
    if path.endswith(_SEARCH) and (query := asked.pop("q", [""])[-1].strip()):
        tags, language = asked.pop("tag", []), asked.pop("lang", [""])[-1]
        found = _search(query, tags, language)
    elif path.endswith(_FEED) and (actor := asked.pop("actor", [""])[-1].strip()):
        kept = asked.pop("filter", ["posts_with_replies"])[-1]
        if kept not in _WITHOUT_REPLIES and kept != "posts_with_replies":
            raise SourceRejected(f"Jetstream cannot tell which posts are {kept!r}")
        return Account(actor=actor.removeprefix("@"), replies=kept not in _WITHOUT_REPLIES)
    else:
        raise SourceRejected("Jetstream serves searches and accounts of Bluesky only")
    if asked:
        raise SourceRejected(f"Jetstream cannot search by {sorted(asked)[0]!r}")
    return found


def _search(query: str, more_tags: Sequence[str], language: str) -> Search:
    phrases: list[str] = []
    tags = [_folded(tag.lstrip("#")) for tag in more_tags]
    for quoted, term in _TERM.findall(query):
        if term and _OPERATOR.search(term):
            raise SourceRejected(f"Jetstream cannot search for {term!r}")
        if term.startswith("#") and len(term) > 1:
            tags.append(_folded(term[1:]))
        elif (words := words_of(quoted or term)).strip():
            phrases.append(words)
    if not phrases and not tags:
        raise SourceRejected("a search without words")
    return Search(phrases=tuple(phrases), tags=tuple(tags), language=language.lower())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(text: str) -> str:
    """The words of a text, folded, with a space before and after each: a phrase is then a part of it."""
    return f" {' '.join(_WORD.findall(_folded(text)))} "


class Matcher:
    """Says who of many asked for a post; the words of a post are taken apart once for all of them."""

    def __init__(self, searches: Sequence[Search]) -> None:
        self._searches = list(searches)

    def matching(self, post: Post) -> Iterator[int]:
        """The places of the searches that this post answers."""
        if not self._searches:
            return
        words = words_of(" \n ".join(_texts(post.record)))
        tags, languages = frozenset(map(_folded, _tags(post.record))), frozenset(_languages(post.record))
        for place, search in enumerate(self._searches):
            if search.matches(words, tags, languages):
                yield place


def _texts(record: Row) -> Iterator[str]:
    """Where a search looks: the text, the preview card, the descriptions of pictures."""
    yield text_of(record, "text")
    embed = as_dict(record.get("embed"))
    for part in (embed, as_dict(embed.get("media"))):
        card = as_dict(part.get("external"))
        yield text_of(card, "title")
        yield text_of(card, "description")
        yield text_of(part, "alt")
        for image in as_list(part.get("images")):
            yield text_of(as_dict(image), "alt")


def _tags(record: Row) -> Iterator[str]:
    yield from (tag for tag in as_list(record.get("tags")) if isinstance(tag, str))
    for facet in as_list(record.get("facets")):
        for feature in as_list(as_dict(facet).get("features")):
            yield text_of(as_dict(feature), "tag")
    yield from re.findall(r"(?<![\w&])#(\w+)", text_of(record, "text"))


def _languages(record: Row) -> Iterator[str]:
    for language in as_list(record.get("langs")):
        if isinstance(language, str):
            yield language.lower()
            yield language.lower().partition("-")[0]


def read_message(text: str) -> tuple[int, Post | None]:
    """The message's time, and the post when it is about a new one. Raises ``ParseFailed``."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise ParseFailed("a message of the stream is not JSON") from exc
    row = as_dict(message)
    time_us, did = row.get("time_us"), text_of(row, "did")
    if not isinstance(time_us, int) or isinstance(time_us, bool) or not did:
        raise ParseFailed("a message of the stream is none of Jetstream")
    commit = as_dict(row.get("commit"))
    rkey = text_of(commit, "rkey")
    is_new = row.get("kind") == "commit" and commit.get("operation") == "create"
    if not is_new or commit.get("collection") != _POSTS or not rkey or not commit.get("record"):
        return time_us, None
    return time_us, Post(did=did, rkey=rkey, record=as_dict(commit["record"]), time_us=time_us)


def item_of(post: Post, source: Source, *, handle: str, now: datetime) -> tuple[RawItem, ...]:
    """The post as the poll would give it; ``handle`` is "" where it is not known. Raises ``ParseFailed``."""
    row: dict[str, Any] = {
        "uri": f"at://{post.did}/{_POSTS}/{post.rkey}",
        "author": {"did": post.did, "handle": handle or post.did},
        "record": post.record,
        "indexedAt": _moment(post.time_us, now).isoformat(),
    }
    payload = Payload(
        body=json.dumps({"posts": [row]}).encode(), url=bluesky.request(source.url)[0], source=source, now=now
    )
    return bluesky.read(payload).items


def _moment(time_us: int, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(time_us / 1e6, UTC)
    except (ValueError, OverflowError, OSError):
        return now


def subscribe_url(address: str, *, dids: Sequence[str], after_us: int | None, now: datetime) -> str:
    """``address`` with what is asked for. ``dids`` empty: posts of everybody. ``after_us``: the last time seen."""
    parts = urlsplit(address)
    asked: list[tuple[str, str]] = [
        ("wantedCollections", _POSTS),
        ("maxMessageSizeBytes", str(MAX_MESSAGE_BYTES)),
        *(("wantedDids", did) for did in dids),
    ]
    if after_us is not None:
        oldest = int((now - _LONGEST_REPLAY).timestamp() * 1e6)
        asked.append(("cursor", str(max(after_us - int(_REWIND.total_seconds() * 1e6), oldest))))
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    path = parts.path if parts.path.strip("/") else "/subscribe"
    return parts._replace(scheme=scheme, path=path, query=urlencode(asked), fragment="").geturl()


def narrowed(accounts: Sequence[str], *, searches: int) -> tuple[str, ...]:
    """The DIDs to ask for; none when a search needs every post, or when they are too many for an address."""
    return () if searches or len(accounts) > _MOST_DIDS else tuple(sorted(set(accounts)))


def resolve_url(source: Source, actor: str) -> str:
    """Where an account's handle becomes its DID (``com.atproto.identity.resolveHandle``)."""
    parts = urlsplit(bluesky.request(source.url)[0])
    query = urlencode({"handle": actor})
    return f"{parts.scheme}://{parts.netloc}/xrpc/com.atproto.identity.resolveHandle?{query}"


def did_of(body: bytes) -> str:
    """The DID in the answer of ``resolve_url``. Raises ``ParseFailed``."""
    try:
        did = text_of(as_dict(json.loads(body)), "did")
    except (ValueError, RecursionError):
        did = ""
    if not re.fullmatch(r"did:[a-z]+:[\w.:%-]{1,500}", did):
        raise ParseFailed("no DID for this handle")
    return did
