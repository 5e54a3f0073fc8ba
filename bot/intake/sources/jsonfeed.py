"""JSON Feed 1.0 and 1.1, and what calls itself so. Pure."""

import json
import re
from typing import Any

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, text_of
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link, stable_id
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import plain, summary_of, title_of
from bot.model import RawItem

_ITEMS = re.compile(r'"items"\s*:\s*\[')


def read(payload: Payload) -> Parsed:
    """Raises ``ParseFailed``; a document that was cut short gives its whole items and a problem."""
    problems = Problems()
    try:
        document = load(payload)
    except ParseFailed:
        document = _salvaged(payload)
        problems.add("the document is cut short or broken; only its first entries were read")
    rows = _rows(document)
    head = as_dict(document)
    language = payload.source.language or language_code(head.get("language"))
    base = clean_link(text_of(head, "home_page_url"), payload.url) or payload.url
    return collect(
        each(rows, lambda row: _item(row, base, language), problems),
        problems,
        feed_title=plain(text_of(head, "title"), limit=200),
        language=language,
    )


def _rows(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    head = as_dict(document)
    if isinstance(head.get("items"), list):
        return as_list(head["items"])
    if "jsonfeed" in text_of(head, "version"):
        return []
    raise ParseFailed("JSON, but not a JSON Feed")


def _salvaged(payload: Payload) -> Row:
    """The whole items before the place where the JSON breaks. Raises ``ParseFailed`` when there are none."""
    text = decode(payload.body, payload.charset)
    start = _ITEMS.search(text)
    decoder, rows = json.JSONDecoder(strict=False), []
    place = start.end() if start else len(text)
    while (opening := text.find("{", place)) != -1 and not text[place:opening].strip(" \t\r\n,"):
        try:
            row, place = decoder.raw_decode(text, opening)
        except (ValueError, RecursionError):
            break
        rows.append(row)
    if not rows:
        raise ParseFailed("not well-formed JSON")
    return {"items": rows}


def _item(row: Row, base: str, language: str) -> RawItem | None:
    link = _link(row.get("url"), base) or _link(row.get("external_url"), base)
    body = text_of(row, "summary") or text_of(row, "content_html") or text_of(row, "content_text")
    summary = summary_of(body)
    title = title_of(text_of(row, "title"), summary)
    if not title:
        raise ValueError("neither title nor text")
    given = text_of(row, "id")
    return RawItem(
        external_id=stable_id(given, link, title, summary),
        url=link or clean_link(given if given.startswith("http") else "", base),
        title=title,
        summary="" if summary == title else summary,
        author=_author(row),
        published=moment(row.get("date_published")) or moment(row.get("date_modified")),
        language=language_code(row.get("language")) or language,
    )


def _link(value: Any, base: str) -> str:
    return clean_link(value, base) if isinstance(value, str) else ""


def _author(row: Row) -> str:
    for person in [*as_list(row.get("authors")), row.get("author")]:
        name = person if isinstance(person, str) else text_of(as_dict(person), "name")
        if name:
            return plain(name, limit=200)
    return ""
