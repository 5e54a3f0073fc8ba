"""Hacker News, through Algolia's search by date. Pure."""

from urllib.parse import parse_qs, quote_plus, urlsplit

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, refuse_error, required, text_of
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import MAX_TITLE, first_sentence, one_line, shorten, summary_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.HACKERNEWS,)
PUBLISHER = "Hacker News"
_API = "https://hn.algolia.com/api/v1/search_by_date"


def request(url: str) -> tuple[str, str]:
    """The search page's address becomes the API's: newest stories first."""
    parts = urlsplit(url)
    words = parse_qs(parts.query).get("q") or parse_qs(parts.query).get("query")
    if parts.hostname == "hn.algolia.com" and not parts.path.startswith("/api/") and words:
        return f"{_API}?tags=story&query={quote_plus(words[0])}&hitsPerPage=50", "application/json"
    return url, "application/json"


def read(payload: Payload) -> Parsed:
    document = load(payload)
    head = as_dict(document)
    if "hits" not in head:
        refuse_error(document, "message", "error")
        raise ParseFailed("JSON, but no search result")
    problems = Problems()
    return collect(each(as_list(head["hits"]), _item, problems), problems)


def _item(row: Row) -> RawItem | None:
    number = one_line(required(row, "objectID", "story_id"))
    talk = f"https://news.ycombinator.com/item?id={number}"
    comment = text_of(row, "comment_text")
    # Titles are plain text here; only the longer texts hold HTML.
    title = first_sentence(comment) if comment else shorten(one_line(text_of(row, "title")), MAX_TITLE)
    if not title:
        return None  # deleted
    on = one_line(text_of(row, "story_title"))
    text = summary_of(comment or text_of(row, "story_text"))
    return RawItem(
        external_id=number,
        url=talk if comment else clean_link(text_of(row, "url")) or talk,
        title=title,
        summary=summary_of(f"Comment on “{on}”: {text}") if comment and on else text,
        author=one_line(text_of(row, "author")),
        publisher=PUBLISHER,
        published=moment(row.get("created_at")) or moment(row.get("created_at_i")),
        language="en",
    )
