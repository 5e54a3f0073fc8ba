"""Mastodon timelines: a hashtag's, an account's, or a single status. Pure.

https://docs.joinmastodon.org/methods/timelines/ and https://docs.joinmastodon.org/methods/accounts/
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.errors import ParseFailed
from bot.intake.sources import feed
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, refuse_error, required, text_of
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import first_sentence, one_line, plain, shorten, summary_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.MASTODON,)
PUBLISHER = "Mastodon"
_MAX_TITLE = 200
_ADDRESS = re.compile(r"https?://\S+")
_NUMBER = re.compile(r"[0-9]{1,30}")
_PROFILE = re.compile(r"/@([\w.-]+(?:@[\w.-]+)?)/?")


def request(url: str) -> tuple[str, str]:
    """``https://instance/tags/name`` becomes the API's address of that hashtag, ``https://instance/@name`` the one
    that tells the account's number; ``…/@name.rss`` is the instance's own feed."""
    parts = urlsplit(url)
    if parts.path.endswith(".rss"):
        return feed.request(url)
    if profile := _PROFILE.fullmatch(parts.path):
        asked = f"{parts.scheme}://{parts.netloc}/api/v1/accounts/lookup?acct={quote(profile[1], safe='@')}"
        return asked, "application/json"
    if parts.path.startswith("/tags/") and (tag := parts.path.removeprefix("/tags/").strip("/")):
        return f"{parts.scheme}://{parts.netloc}/api/v1/timelines/tag/{tag}?limit=40", "application/json"
    return url, "application/json"


def resume(url: str, memo: str) -> tuple[str, str]:
    """With the account's number known, its timeline is asked at once."""
    parts = urlsplit(url)
    if _PROFILE.fullmatch(parts.path) and _NUMBER.fullmatch(memo):
        return _timeline(f"{parts.scheme}://{parts.netloc}", memo), "application/json"
    return request(url)


def _timeline(home: str, number: str) -> str:
    return f"{home}/api/v1/accounts/{number}/statuses?limit=40&exclude_replies=true"


def read(payload: Payload) -> Parsed:
    """Raises ``ParseFailed`` for what is no timeline. An account has none itself: it leads to its own."""
    if payload.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _read_feed(payload)
    document = load(payload)
    refuse_error(document, "error")
    if isinstance(document, dict) and "acct" in document and "content" not in document:
        return _read_account(document, payload)
    rows = document if isinstance(document, list) else [document]
    if isinstance(document, dict) and "content" not in document:
        raise ParseFailed("JSON, but not a Mastodon timeline")
    problems = Problems()
    return collect(each(rows, lambda row: _item(row, payload), problems), problems)


def _read_account(document: Row, payload: Payload) -> Parsed:
    number = text_of(document, "id")
    if payload.followed or not _NUMBER.fullmatch(number):
        raise ParseFailed("an account, but not its timeline")
    parts = urlsplit(payload.url)
    # The account's own document says nothing new; that it is unchanged says nothing of the timeline.
    home = f"{parts.scheme}://{parts.netloc}"
    return Parsed(items=(), follow=(_timeline(home, number),), ask_whole=True, memo=number)


def _read_feed(payload: Payload) -> Parsed:
    found = feed.read(payload)
    return replace(found, items=tuple(replace(item, publisher=PUBLISHER) for item in found.items))


def _item(row: Row, payload: Payload) -> RawItem | None:
    status = row["reblog"] if isinstance(row.get("reblog"), dict) else row
    if status.get("visibility", "public") not in ("public", "unlisted"):
        return None
    content = status.get("content")
    if not isinstance(content, str):
        raise TypeError("no 'content'")
    warning, text = one_line(text_of(status, "spoiler_text")), summary_of(content)
    permalink = clean_link(text_of(status, "url", "uri"), payload.url)
    card = as_dict(status.get("card"))
    linked = _linked(status, card, payload.url)
    title = _title(status, content, card if linked else {})
    if not title:
        return None  # a picture without words: there is nothing to judge
    if warning:
        title = f"{warning}: {title}"
    told = " — ".join(part for part in (warning, text, _card_words(card) if linked else "") if part)
    return RawItem(
        external_id=required(status, "uri", "url", "id"),
        url=linked or permalink,
        title=title,
        summary=summary_of(told) if told != title else "",
        author=one_line(text_of(as_dict(status.get("account")), "acct", "username")),
        publisher=PUBLISHER,
        published=moment(status.get("created_at")),
        language=language_code(status.get("language")) or payload.source.language,
    )


def _title(status: Row, content: str, card: Row) -> str:
    """The first sentence without addresses, else what the preview or the pictures say."""
    said = one_line(_ADDRESS.sub("", first_sentence(content, limit=300))).rstrip(" :-–—→")
    if not said.strip("…"):
        said = plain(text_of(card, "title"), limit=_MAX_TITLE)
    if not said:
        pictures = (
            text_of(as_dict(each), "description") for each in as_list(status.get("media_attachments"))
        )
        said = first_sentence(" ".join(pictures))
    return shorten(said, _MAX_TITLE)


def _linked(status: Row, card: Row, base: str) -> str:
    """The article that the post points to: its preview card's, or the only link that leads elsewhere."""
    own = clean_link(text_of(status, "url", "uri"), base)
    previewed = clean_link(text_of(card, "url"), base)
    if previewed and previewed != own:
        return previewed
    outside = set(_outside_links(text_of(status, "content"), own or base))
    return outside.pop() if len(outside) == 1 else ""


def _outside_links(content: str, own: str) -> Iterator[str]:
    if "<a" not in content:
        return
    home = urlsplit(own).hostname
    for anchor in LexborHTMLParser(content[:50_000]).css("a[href]"):
        attributes = anchor.attributes
        if "mention" in (attributes.get("class") or "") or "tag" in (attributes.get("rel") or "").split():
            continue  # people and hashtags, not articles
        link = clean_link(attributes.get("href") or "")
        if link and urlsplit(link).hostname != home:
            yield link


def _card_words(card: Row) -> str:
    words = (plain(text_of(card, key), limit=300) for key in ("title", "description"))
    return ": ".join(word for word in words if word)
