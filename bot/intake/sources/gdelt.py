"""GDELT's article list: what the world's press wrote, by outlet. Pure."""

import re

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_list, each, load, required, text_of
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import MAX_TITLE, one_line, shorten
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.GDELT,)
_CJK = "\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
#: GDELT cuts titles into words and joins them with spaces, Chinese ones too.
_JOINTS = (
    (re.compile(rf"(?<=[{_CJK}]) (?=[\w{_CJK}])|(?<=[\w]) (?=[{_CJK}])"), ""),
    (re.compile(r"(?<=\d) ([.,:]) (?=\d)"), r"\1"),
    (re.compile(r" ([.,;:!?%)\]}’”])"), r"\1"),
    (re.compile(r"([(\[{“$€£#]) "), r"\1"),
    (re.compile(r"(?<=\w) ?(['’]) ?(?=(?:s|t|re|ve|ll|d|m)\b)"), r"\1"),
)


def request(url: str) -> tuple[str, str]:
    return url, "application/json"


def read(payload: Payload) -> Parsed:
    """No match is an empty object; an error is a plain text with status 200: ``ParseFailed`` tells it."""
    document = load(payload)
    if not isinstance(document, dict):
        raise ParseFailed("JSON, but no list of articles")
    problems = Problems()
    rows = as_list(document.get("articles"))
    return collect(each(rows, lambda row: _item(row, payload.source.language), problems), problems)


def joined(title: str) -> str:
    """A title as it was before GDELT put spaces around every mark. A hyphen stays apart: it may be a dash."""
    for pattern, replacement in _JOINTS:
        title = pattern.sub(replacement, title)
    return title


def _item(row: Row, language: str) -> RawItem:
    link = clean_link(required(row, "url"))
    return RawItem(
        external_id=link or required(row, "url")[:500],
        url=link,
        title=shorten(joined(one_line(required(row, "title"))), MAX_TITLE),
        publisher=one_line(text_of(row, "domain")).removeprefix("www."),
        published=moment(row.get("seendate")),
        language=language_code(row.get("language")) or language,
    )
