"""Plain text out of what sources write: one line, no mark-up, nothing invisible. Pure and linear in time."""

import html
import re

MAX_TITLE = 500
MAX_SUMMARY = 1_000
#: A title made of a summary is this long at most.
_MADE_TITLE = 120
#: Mark-up beyond this is not looked at: a summary's 1000 characters are found well before.
_MAX_MARKUP = 10_000

#: A word, an entity or a tag cut in two may leave this much that is not to be trusted.
_AT_CUT = 300

_HTML_NAMES = (
    "a|abbr|acronym|address|article|aside|b|bdi|bdo|big|blockquote|body|br|button|caption|center|cite|code|dd|del"
    "|details|dfn|div|dl|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img"
    "|input|ins|kbd|label|li|link|main|mark|meta|nav|nobr|object|ol|option|p|picture|pre|q|s|samp|script|section"
    "|select|small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time"
    "|title|tr|tt|u|ul|var|video|wbr"
)
#: Tags that separate words; the others stand within one.
_BLOCK = re.compile(
    r"</?(?:p|br|div|li|ul|ol|dl|dt|dd|h[1-6]|hr|tr|td|th|table|blockquote|pre|section|article|aside|header|footer"
    r"|figure|figcaption|img|iframe|video|option|summary|details)\b[^<>]*>",
    re.IGNORECASE,
)
#: Only names that HTML knows (or that carry a hyphen), so that "Vec<T>" in a title stays what it is.
_TAG = re.compile(rf"</?(?:{_HTML_NAMES}|[a-z]+-[a-z-]+)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[!?][^<>]*>", re.DOTALL)
_UNSHOWN = re.compile(r"<(script|style|template|noscript|svg)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
#: A tag that the source's own length limit cut in two.
_CUT_TAG = re.compile(rf"<(?:/|!|(?:{_HTML_NAMES})\s)[^<>]*\Z", re.IGNORECASE)
#: Controls, bidirectional overrides, zero-width and tag characters, lone surrogates: they only hide things.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)


#: In a summary, which is HTML, everything that looks like a tag is one.
_ANY_TAG = re.compile(r"</?[a-z][\w:.-]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
#: UTF-8 that was taken for Latin-1 and encoded once more: "Ã©" for "é".
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u20ac\u2122]")


#: Windows-1252 puts printable characters where Latin-1 has controls.
_WINDOWS = {
    ord(bytes([code]).decode("cp1252")): code
    for code in range(128, 160)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def _decoded_once_more(text: str) -> str:
    """Undoes a double encoding, where the whole text allows no other reading."""
    try:
        return text.translate(_WINDOWS).encode("latin-1").decode("utf-8")
    except (ValueError, UnicodeError):
        return text


def one_line(text: str) -> str:
    """White space folded, invisible characters gone. For text that is not HTML."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    if _TWICE.search(text):
        text = _decoded_once_more(text)
    return " ".join(_INVISIBLE.sub("", " ".join(text.split())).split())


def plain(markup: str, *, limit: int, tags: re.Pattern[str] = _TAG) -> str:
    """HTML as one line of text: tags gone, entities decoded once, at most ``limit`` characters."""
    if len(markup) > (enough := 3 * limit):
        # Most of what is long is text: a part of it fills the line, whatever stands at the cut.
        start = plain(markup[:enough], limit=enough, tags=tags)
        if len(start) > limit + _AT_CUT:
            return shorten(start, limit)
    markup = markup[:_MAX_MARKUP]
    if "<" in markup:
        markup = _without_tags(markup, tags)
    if "&" in markup:
        markup = html.unescape(markup)
    return shorten(one_line(markup), limit)


def _without_tags(markup: str, tags: re.Pattern[str]) -> str:
    markup = _UNSHOWN.sub(" ", _COMMENT.sub("", markup))
    return _CUT_TAG.sub("", tags.sub("", _BLOCK.sub(" ", markup)))


def shorten(line: str, limit: int) -> str:
    """``line`` cut at a word border to at most ``limit`` characters, with an ellipsis where it was cut."""
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    border = cut.rfind(" ")
    # Chinese and Japanese have no spaces: there a cut anywhere will do.
    return (cut[:border] if border > limit // 2 else cut).rstrip(" ,;:-") + "…"


def title_of(title: str, summary: str = "") -> str:
    """A plain title; where there is none, one made of the (plain) summary."""
    return plain(title, limit=MAX_TITLE) or shorten(summary, _MADE_TITLE)


def summary_of(markup: str) -> str:
    return plain(markup, limit=MAX_SUMMARY, tags=_ANY_TAG)


_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[\w\"'(«“#@])|(?<=[。！？])")


def sentences(line: str) -> list[str]:
    """A line of plain text as its sentences."""
    return [sentence for part in _SENTENCE_END.split(line) if (sentence := part.strip())]


def first_sentence(markup: str, *, limit: int = 200) -> str:
    """The first line or sentence of a post, as its title. Very short first sentences get the next one too."""
    lines = (plain(part, limit=_MAX_MARKUP) for part in _LINE.split(_UNSHOWN.sub(" ", markup[:_MAX_MARKUP])))
    line = next((line for line in lines if line), "")
    taken = ""
    for sentence in _SENTENCE_END.split(line):
        if len(taken) >= (25 if taken.isascii() else 12) or (taken and len(taken) + len(sentence) > limit):
            break
        taken = f"{taken} {sentence.strip()}" if taken else sentence.strip()
    return shorten(taken.strip() or line, limit)


_LINE = re.compile(r"<br\s*/?>|</p>|</div>|</li>|\n", re.IGNORECASE)
