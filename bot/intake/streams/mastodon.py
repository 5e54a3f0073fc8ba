"""Mastodon's streaming API: which address pushes what a timeline shows, and events as items. Pure.

https://docs.joinmastodon.org/methods/streaming/
"""

import json
from datetime import datetime
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from bot.errors import SourceRejected
from bot.intake.sources import mastodon
from bot.intake.sources.jsontext import as_dict, text_of
from bot.intake.sources.parsed import Payload
from bot.intake.streams.sse import Event
from bot.model import RawItem, Source

_TAGS, _PUBLIC = "/api/v1/timelines/tag/", "/api/v1/timelines/public"
_STREAMING = "/api/v1/streaming"
#: An edited status comes as one of its own kind; its id is the old one, so it is news only where it was not seen.
_STATUS_EVENTS = frozenset({"update", "status.update"})
#: Parameters of a timeline that change how much of it a poll sees, not what is in it.
_WINDOW = frozenset({"limit", "max_id", "since_id", "min_id"})
_SCHEMES = {"ws": "http", "wss": "https"}


def instance_url(source: Source) -> str:
    """Where the instance says what it offers (``configuration.urls.streaming``)."""
    parts = urlsplit(source.url)
    return f"{parts.scheme}://{parts.netloc}/api/v2/instance"


def streaming_base(body: bytes, source: Source) -> str:
    """Scheme and host of the instance's streaming server, as http or https.

    The instance's own host where the document names none, or one without the security of the source's address.
    """
    parts = urlsplit(source.url)
    own = f"{parts.scheme}://{parts.netloc}"
    try:
        document = as_dict(json.loads(body))
        urls = as_dict(as_dict(document.get("configuration")).get("urls"))
        named = urlsplit(text_of(urls, "streaming").strip())
        host = named.hostname
    except (ValueError, RecursionError):
        return own
    scheme = _SCHEMES.get(named.scheme, named.scheme)
    if not host or scheme not in ("http", "https") or (parts.scheme == "https" and scheme != "https"):
        return own
    return f"{scheme}://{named.netloc.rpartition('@')[2]}"


def stream_url(source: Source, base: str) -> str:
    """The address under ``base`` that pushes what the source's timeline shows.

    Raises ``SourceRejected`` for a timeline that Mastodon does not push: an account's, or a tag's with conditions.
    """
    parts = urlsplit(mastodon.request(source.url)[0])
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items() if name not in _WINDOW}
    local, remote = _is_on(asked.pop("local", "")), _is_on(asked.pop("remote", ""))
    wanted = {"only_media": "true"} if _is_on(asked.pop("only_media", "")) else {}
    path = parts.path.rstrip("/")
    if asked:
        raise SourceRejected(f"Mastodon pushes no timeline with {sorted(asked)[0]!r}")
    if path.startswith(_TAGS) and not remote and (tag := unquote(path.removeprefix(_TAGS))):
        path = "/hashtag/local" if local else "/hashtag"
        wanted["tag"] = tag
    elif path == _PUBLIC:
        path = "/public/local" if local else "/public/remote" if remote else "/public"
    else:
        raise SourceRejected("Mastodon pushes hashtags and public timelines only")
    query = urlencode(wanted)
    return f"{base.rstrip('/')}{_STREAMING}{path}{f'?{query}' if query else ''}"


def _is_on(value: str) -> bool:
    return value.lower() in ("1", "true", "on", "t")


def given_url(source: Source) -> str:
    """The address that the catalog's ``stream`` names: a whole one, or a streaming server's."""
    parts = urlsplit(source.stream)
    scheme = _SCHEMES.get(parts.scheme, parts.scheme)
    if parts.path.strip("/"):
        return parts._replace(scheme=scheme).geturl()
    return stream_url(source, f"{scheme}://{parts.netloc}")


def items_of(event: Event, source: Source, *, now: datetime) -> tuple[RawItem, ...]:
    """What an event brings, with the ids and texts that the poll would give. Raises ``ParseFailed``."""
    if event.name not in _STATUS_EVENTS:
        return ()
    payload = Payload(
        body=event.data.encode("utf-8", "replace"), url=mastodon.request(source.url)[0], source=source, now=now,
        content_type="application/json", charset="utf-8",
    )  # fmt: skip
    return mastodon.read(payload).items
