"""The United States' Federal Register: documents, and those on public inspection before they appear. Pure."""

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import Row, as_dict, as_list, each, load, refuse_error, required, text_of
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import one_line, summary_of, title_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.FEDERALREGISTER,)
PUBLISHER = "Federal Register"


def request(url: str) -> tuple[str, str]:
    return url, "application/json"


def read(payload: Payload) -> Parsed:
    document = load(payload)
    refuse_error(document, "errors", "error")
    head = as_dict(document)
    if "document_number" in head:
        rows = [document]
    elif "results" in head or "count" in head:
        rows = as_list(head.get("results"))
    else:
        raise ParseFailed("JSON, but no list of documents")
    problems = Problems()
    return collect(each(rows, _item, problems), problems, feed_title=one_line(text_of(head, "description")))


def _item(row: Row) -> RawItem:
    number = one_line(required(row, "document_number"))
    agencies = [one_line(text_of(as_dict(each), "name", "raw_name")) for each in as_list(row.get("agencies"))]
    return RawItem(
        external_id=number,
        url=clean_link(text_of(row, "html_url", "pdf_url")),
        title=title_of(required(row, "title", "toc_doc", "toc_subject")),
        summary=summary_of(_facts(row, number)),
        author=", ".join(dict.fromkeys(agency for agency in agencies if agency))[:200],
        publisher=PUBLISHER,
        published=moment(row.get("filed_at")) or moment(row.get("publication_date")),
        language="en",
    )


def _facts(row: Row, number: str) -> str:
    dockets = row.get("docket_ids") or row.get("docket_id") or row.get("docket_numbers")
    docket = ", ".join(entry for entry in as_list(dockets) if isinstance(entry, str)) or (
        dockets if isinstance(dockets, str) else ""
    )
    facts = (
        text_of(row, "type"),
        text_of(row, "action").rstrip("."),
        text_of(row, "abstract").rstrip("."),
        f"Effective {text_of(row, 'effective_on')}" if text_of(row, "effective_on") else "",
        f"Comments close {text_of(row, 'comments_close_on')}" if text_of(row, "comments_close_on") else "",
        f"Docket {docket}" if docket else "",
        f"Document {number}",
    )
    return ". ".join(fact for fact in facts if fact)
