"""From an entry as an adapter read it to one canonical item: plain text, one time, one address, one language."""

import html
import re
import unicodedata
from datetime import datetime

from bot.judgement.addresses import canonical_url, host_of, is_inside, is_machine
from bot.judgement.language import detect_language
from bot.judgement.text import fold
from bot.model import Grade, Item, RawItem, Source

__all__ = ["canonical_url", "clean_text", "detect_language", "make_item", "telling_summary", "title_key"]

TITLE_LIMIT = 300
SUMMARY_LIMIT = 1000
NAME_LIMIT = 120

_DROPPED_BLOCK = re.compile(
    r"<(script|style|template|noscript|svg)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
# Only what looks like a tag: "a < b" and "<3" are text.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_TAG_OF_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|hr)\b[^<>]*>", re.I)
# Control, bidirectional and zero-width characters, tags of invisible text, fillers: nothing that a reader
# sees, all of it able to hide or turn what he reads. Line ends and tabs became spaces before.
_INVISIBLE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# ``org/name``, as hubs write a repository, and what the hub's adapter adds when it is new or something in it changed.
_REPOSITORY = re.compile(
    r"(?:New model )?[\w.-]+/[\w.-]+(?:: (?:license \S.* -> \S.*|new revision|new files: \S.*))?"
)
_WORD_CUT = 24  # a word longer than this is cut inside rather than dropped


def make_item(raw: RawItem, source: Source, *, seen: datetime) -> Item:
    """The item of an entry of ``source`` that was read at ``seen``.

    A time that is missing becomes ``seen``; so does one in the future, which no proof should rest on.
    """
    summary = clean_text(raw.summary, limit=SUMMARY_LIMIT)
    title = clean_text(raw.title, limit=TITLE_LIMIT) or clean_text(summary, limit=140)
    url = canonical_url(raw.url)
    published = raw.published if raw.published is not None and raw.published <= seen else seen
    publisher = clean_text(raw.publisher or source.publisher or source.name, limit=NAME_LIMIT)
    return Item(
        source=source.id,
        external_id=raw.external_id or url,
        url=url,
        title=title or url,
        publisher=publisher,
        published=published,
        seen=seen,
        summary=summary,
        author=clean_text(raw.author, limit=NAME_LIMIT),
        language=_language(raw.language or source.language, f"{title} {summary}"),
        source_grade=source.grade,
        origin=_origin(source),
        vouched="" if raw.publisher or not _names_publisher(source) else publisher,
    )


def _origin(source: Source) -> str:
    """Where an entry of the source proves to come from, "" where whoever runs Tipoff says what its word is worth: by a
    grade, or because it is served inside their own network (a mirror, a proxy), which only they can allow."""
    host = host_of(source.url)
    if not source.user_given and (source.grade.rank >= Grade.PRIMARY_DATA.rank or is_inside(host)):
        return ""
    return host.removeprefix("www.")


def _names_publisher(source: Source) -> bool:
    """Whether the source's publisher is named by whoever runs Tipoff: in the catalog, or as what a machine of theirs
    serves. The name of any other source may be the title that its feed gives itself."""
    return not source.user_given and (bool(source.publisher) or is_machine(host_of(source.url)))


def clean_text(text: str, *, limit: int) -> str:
    """Plain text on one line: no mark-up, no entities, nothing invisible, NFC, at most ``limit`` characters.

    What is too long is cut at a word border and ends in an ellipsis. Never raises.
    """
    text = text[: limit * 20 + 4000]
    if "<" in text or "&" in text:
        # Feeds carry text, mark-up, escaped mark-up and twice-escaped entities alike.
        for _ in range(2):
            text = html.unescape(_without_tags(text))
        text = _without_tags(text)
    text = " ".join(text.split())
    if not text.isascii():
        text = " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text).strip()
    return text if len(text) <= limit else _cut(text, limit)


def _without_tags(text: str) -> str:
    if "<" not in text:
        return text
    return _TAG.sub("", _TAG_OF_BLOCK.sub(" ", _DROPPED_BLOCK.sub(" ", text)))


def _cut(text: str, limit: int) -> str:
    if limit < 2:
        return text[:limit]
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        border = head.rfind(" ")
        if border > 0 and limit - 1 - border <= _WORD_CUT and head[border + 1 :].isascii():
            head = head[:border]
    return head.rstrip(" ,;:-，、；：") + "…"


_DATELINE = re.compile(
    r"^\s*(?:[\[(【（][^\])】）]{1,20}[\])】）]\s*)?(?:"
    r"[^\s，,。:：]{2,10}\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:消息|讯|电|报道)\s*[，,：:]\s*"
    r"|\(?(?:reuters|afp|ap|xinhua|bloomberg)\)?\s*-\s+(?=\S)"
    r")"
)
_SITE_AFTER_PIPE = re.compile(r"\s*[|｜]\s*([^|｜]{2,40})$")
_SITE_AFTER_DASH = re.compile(r"(?:\s+-+\s+|\s*_+\s*)([^_]{2,40})$")
#: A point stays inside a number only.
_WORD = re.compile(r"[\w%+]+(?:(?<=\d)\.(?=\d)[\w%+]+)*")
_MIN_TITLE = 8


def title_key(title: str, publisher: str) -> str:
    """What is left of a title when type, punctuation, the site's name and a dateline are taken off.

    Two items with one key carry one headline; an empty key says nothing.
    """
    text = fold(title).strip()
    name = fold(publisher).strip()
    dateline = _DATELINE.match(text) if "月" in text or "-" in text else None
    if dateline:
        text = text[dateline.end() :]
    if name and len(name) > 1:
        text = _without_prefix(text, name)
    for marks, pattern, any_site in (("|｜", _SITE_AFTER_PIPE, True), ("-_", _SITE_AFTER_DASH, False)):
        found = pattern.search(text) if marks[0] in text or marks[1] in text else None
        # After a pipe stands nearly always the site; a dash is also a part of sentences.
        if found and found.start() >= _MIN_TITLE and (any_site or _is_name(found[1], name)):
            text = text[: found.start()]
    return " ".join(_WORD.findall(text.replace("_", " ")))


def _without_prefix(text: str, name: str) -> str:
    if not text.startswith((name, "[", "【")):
        return text
    for opening, closing in (("", ":"), ("", "："), ("[", "]"), ("【", "】"), ("", " |"), ("", " -")):
        prefix = f"{opening}{name}{closing}"
        if text.startswith(prefix) and len(text) - len(prefix) >= _MIN_TITLE:
            return text[len(prefix) :].strip()
    return text


def _is_name(found: str, name: str) -> bool:
    found = found.strip()
    return bool(name) and (found == name or found in name.split(".")[0] or found.startswith(name))


def _language(stated: str, text: str) -> str:
    """A stated language holds unless the script itself says otherwise."""
    code = re.split(r"[-_]", stated.strip().lower())[0] if stated else ""
    if not re.fullmatch(r"[a-z]{2,3}", code):
        return detect_language(text)
    if text.isascii():
        return code
    by_script = detect_language(text)
    if by_script in ("zh", "ja", "ko", "ru", "ar") and code in ("en", "de", "fr", "es", "it", "nl", "pt"):
        return by_script
    return code


def telling_summary(item: Item) -> str:
    """The summary as far as it tells of an event. What a hub says of a repository (``org/name``) is a form filled in
    alike for each: licence, task, files. It is for people; in comparisons it would make all repositories one story."""
    return "" if "/" in item.title and _REPOSITORY.fullmatch(item.title) else item.summary
