"""Bluesky: posts of a search or of an account. Pure."""

from typing import Any
from urllib.parse import parse_qs, quote, quote_plus, urlsplit

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, refuse_error, required, text_of
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import first_sentence, one_line, shorten
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.BLUESKY,)
PUBLISHER = "Bluesky"
_API = "https://api.bsky.app/xrpc"
#: Labels of moderation services that mean: do not show.
_HIDDEN = frozenset({"spam", "!hide", "!takedown", "impersonation", "scam"})


def request(url: str) -> tuple[str, str]:
    """``https://bsky.app/search?q=…`` and ``https://bsky.app/profile/<handle>`` become the API's addresses."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    words = parse_qs(parts.query).get("q")
    if parts.hostname == "bsky.app" and names[:1] == ["search"] and words:
        found = f"{_API}/app.bsky.feed.searchPosts?q={quote_plus(words[0])}&sort=latest&limit=50"
        return found, "application/json"
    if parts.hostname == "bsky.app" and len(names) == 2 and names[0] == "profile":
        found = f"{_API}/app.bsky.feed.getAuthorFeed?actor={quote(names[1])}&filter=posts_no_replies&limit=50"
        return found, "application/json"
    return url, "application/json"


def read(payload: Payload) -> Parsed:
    document = load(payload)
    refuse_error(document, "error")
    head = as_dict(document)
    if "posts" not in head and "feed" not in head:
        raise ParseFailed("JSON, but no list of posts")
    rows: list[Any] = as_list(head.get("posts")) or [
        as_dict(entry).get("post") for entry in as_list(head.get("feed"))
    ]
    problems = Problems()
    return collect(each(rows, lambda row: _item(row, payload.source.language), problems), problems)


def _item(row: Row, language: str) -> RawItem | None:
    record, author = as_dict(row.get("record")), as_dict(row.get("author"))
    if any(text_of(as_dict(label), "val") in _HIDDEN for label in as_list(row.get("labels"))):
        return None
    uri = one_line(required(row, "uri"))
    text = text_of(record, "text")
    embed = as_dict(record.get("embed"))
    # A post that quotes another has its own card one step deeper (app.bsky.embed.recordWithMedia).
    card = as_dict(embed.get("external")) or as_dict(as_dict(embed.get("media")).get("external"))
    preview = ": ".join(
        part for part in (one_line(text_of(card, k)) for k in ("title", "description")) if part
    )
    title = first_sentence(text.replace("<", "‹")) if "<" in text else first_sentence(text)
    title = title or shorten(preview, 200)
    if not title:
        return None  # a picture without words
    told = " — ".join(part for part in (one_line(text), preview) if part)
    handle = one_line(text_of(author, "handle", "did"))
    spoken = next((code for code in map(language_code, as_list(record.get("langs"))) if code), "")
    written, indexed = moment(record.get("createdAt")), moment(row.get("indexedAt"))
    return RawItem(
        external_id=uri,
        url=_linked(record, card) or f"https://bsky.app/profile/{handle}/post/{uri.rpartition('/')[2]}",
        title=title,
        summary=shorten(told, 1000) if told != title else "",
        author=handle,
        publisher=PUBLISHER,
        # Writers set their own time; the server's is the upper limit (the lexicon's "sortAt").
        published=min((time for time in (written, indexed) if time), default=None),
        language=spoken or language,
    )


def _linked(record: Row, card: Row) -> str:
    """The article of the preview card, or the only one that the text links to."""
    if previewed := clean_link(text_of(card, "uri")):
        return previewed
    links = {
        clean_link(text_of(as_dict(feature), "uri"))
        for facet in as_list(record.get("facets"))
        for feature in as_list(as_dict(facet).get("features"))
        if text_of(as_dict(feature), "$type").endswith("#link")
    }
    links.discard("")
    return links.pop() if len(links) == 1 else ""
