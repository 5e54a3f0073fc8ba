"""GitHub: releases, tags, new repositories and commits, as JSON of its API or as Atom. Pure.

https://docs.github.com/en/rest
"""

import re
from dataclasses import replace
from urllib.parse import quote, unquote, urldefrag, urlsplit

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.feed import Entry, read_channel
from bot.intake.sources.feed import items as feed_items
from bot.intake.sources.jsontext import Row, as_dict, each, load, refuse_error, required, text_of
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import one_line, shorten, summary_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.GITHUB,)
PUBLISHER = "GitHub"
_API, _SITE = "https://api.github.com", "https://github.com"
_JSON = "application/vnd.github+json"
_REPOSITORY = re.compile(r"https://(?:api\.)?github\.com/(?:repos/)?([\w.-]+)/([\w.-]+)")
_MAX_TITLE = 300
_WORDS, _MOST_WORDS = "words=", 50


def request(url: str) -> tuple[str, str]:
    """``github.com/<owner>`` becomes the list of its newest repositories, ``…/<owner>/<repo>`` its releases;
    ``/releases``, ``/tags``, ``/commits/<branch>`` and ``/commits/<branch>/<path>`` their Atom feeds. The fragment
    ``#words=ascend,910c`` is ours and never sent: only entries with one of these words are kept."""
    url = urldefrag(url).url
    parts = urlsplit(url)
    if parts.hostname == "api.github.com":
        return url, _JSON
    names = [name for name in parts.path.split("/") if name]
    if parts.hostname not in ("github.com", "www.github.com") or parts.path.endswith(".atom") or not names:
        return url, f"application/atom+xml, {_JSON}, */*;q=0.5"
    if len(names) == 1:
        # Unlike /orgs/…, this one serves people and organisations alike.
        return f"{_API}/users/{quote(names[0])}/repos?sort=created&direction=desc&per_page=30", _JSON
    path = "/".join(quote(name) for name in (*names[:2], *(names[2:] or ["releases"])))
    return f"{_SITE}/{path}.atom", "application/atom+xml"


def read(payload: Payload) -> Parsed:
    if payload.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _read_json(payload)
    problems = Problems()
    channel, words = read_channel(payload), _words(payload.source.url)
    if words:
        kept = (entry for entry in channel.entries if words.search(_entry_text(entry)))
        channel = replace(channel, entries=tuple(kept))
    found = feed_items(channel, url=payload.url, language=payload.source.language or "en", problems=problems)
    return collect((_named(item) for item in found), problems, feed_title=channel.title)


def _named(item: RawItem) -> RawItem:
    """An Atom entry with the repository in its title: GitHub's says only "v1.0"."""
    owner, repository = _owner_and_repository(item.url)
    if not owner:
        return replace(item, publisher=PUBLISHER)
    joint = ":" if "/commit/" in item.url else ""
    known = repository.lower() in item.title.lower()
    title = item.title if known else f"{owner}/{repository}{joint} {item.title}"
    return replace(item, publisher=PUBLISHER, author=owner, title=shorten(title, _MAX_TITLE))


def _words(address: str) -> re.Pattern[str] | None:
    """What the address's ``#words=`` asks for, as whole words; None when it asks for nothing."""
    fragment = unquote(urldefrag(address).fragment)
    if not fragment.startswith(_WORDS):
        return None
    words = [word.strip() for word in fragment.removeprefix(_WORDS).split(",") if word.strip()]
    if not words:
        raise ParseFailed("'#words=' names no word; write for example #words=ascend,910c")
    return re.compile("|".join(_whole(word) for word in words[:_MOST_WORDS]), re.IGNORECASE)


def _whole(word: str) -> str:
    """Borders only where there are any: Chinese words stand without."""
    before = r"(?<![0-9A-Za-z_])" if word[0].isascii() else ""
    after = r"(?![0-9A-Za-z_])" if word[-1].isascii() else ""
    return f"{before}{re.escape(word)}{after}"


def _entry_text(entry: Entry) -> str:
    return f"{entry.text('title')} {entry.content or entry.text('description')}"


def _row_text(row: Row) -> str:
    said = (text_of(row, key) for key in ("name", "full_name", "tag_name", "description", "body"))
    return " ".join((*said, text_of(as_dict(row.get("commit")), "message")))


def _owner_and_repository(url: str) -> tuple[str, str]:
    found = _REPOSITORY.match(url)
    return (found[1], found[2]) if found else ("", "")


def _read_json(payload: Payload) -> Parsed:
    document = load(payload)
    if isinstance(document, dict):
        if "documentation_url" in document or set(document) <= {"message", "status"}:
            refuse_error(document, "message")
        document = [document]
    if not isinstance(document, list):
        raise ParseFailed("JSON, but not one of GitHub's lists")
    problems = Problems()
    words = _words(payload.source.url)
    if words is None:
        return collect(each(document, _item, problems), problems)
    return collect(
        each(document, lambda row: _item(row) if words.search(_row_text(row)) else None, problems), problems
    )


def _item(row: Row) -> RawItem | None:
    if "tag_name" in row:
        return _release(row)
    if "full_name" in row:
        return _repository(row)
    if "commit" in row and "sha" in row:
        return _commit(row)
    if "commit" in row and "name" in row:
        return _tag(row)
    raise ValueError("neither a release, a tag, a repository nor a commit")


def _release(row: Row) -> RawItem | None:
    if row.get("draft") is True:
        return None
    owner, repository = _owner_and_repository(text_of(row, "url") or text_of(row, "html_url"))
    tag, name = one_line(required(row, "tag_name")), one_line(text_of(row, "name"))
    words = tag if not name or name == tag else name if tag in name else f"{tag}: {name}"
    early = " (pre-release)" if row.get("prerelease") is True else ""
    return RawItem(
        external_id=f"release:{required(row, 'id', 'node_id', 'html_url')}",
        url=clean_link(text_of(row, "html_url")),
        title=shorten(f"{owner}/{repository} {words}{early}".lstrip("/ "), _MAX_TITLE),
        summary=summary_of(text_of(row, "body")),
        author=owner,
        publisher=PUBLISHER,
        published=moment(row.get("published_at")) or moment(row.get("created_at")),
        language="en",
    )


def _tag(row: Row) -> RawItem:
    commit = as_dict(row.get("commit"))
    owner, repository = _owner_and_repository(text_of(commit, "url"))
    name = one_line(required(row, "name"))
    return RawItem(
        external_id=f"tag:{owner}/{repository}:{name}@{text_of(commit, 'sha')}",
        url=clean_link(f"{_SITE}/{owner}/{repository}/releases/tag/{quote(name, safe='')}") if owner else "",
        title=shorten(f"{owner}/{repository} tag {name}".lstrip("/ "), _MAX_TITLE),
        author=owner,
        publisher=PUBLISHER,
        language="en",
    )


def _repository(row: Row) -> RawItem | None:
    if row.get("private") is True:
        return None
    name = one_line(required(row, "full_name"))
    about = one_line(text_of(row, "description"))
    licence = text_of(as_dict(row.get("license")), "spdx_id", "name")
    facts = [about, f"License: {licence}" if licence else "", "a fork" if row.get("fork") else ""]
    return RawItem(
        external_id=f"repository:{text_of(row, 'id') or name}",
        url=clean_link(text_of(row, "html_url")) or f"{_SITE}/{quote(name, safe='/')}",
        title=shorten(f"New repository {name}" + (f": {about}" if about else ""), _MAX_TITLE),
        summary=summary_of(" ".join(fact for fact in facts if fact)),
        author=name.partition("/")[0],
        publisher=PUBLISHER,
        published=moment(row.get("created_at")),
        language="en",
    )


def _commit(row: Row) -> RawItem:
    commit = as_dict(row.get("commit"))
    owner, repository = _owner_and_repository(text_of(row, "html_url") or text_of(row, "url"))
    first, _, rest = required(commit, "message").strip().partition("\n")
    written = as_dict(commit.get("committer")) or as_dict(commit.get("author"))
    return RawItem(
        external_id=f"commit:{required(row, 'sha')}",
        url=clean_link(text_of(row, "html_url")),
        title=shorten(f"{owner}/{repository}: {one_line(first)}".lstrip("/: "), _MAX_TITLE),
        summary=summary_of(rest),
        author=owner,
        publisher=PUBLISHER,
        published=moment(written.get("date")),
        language="en",
    )
