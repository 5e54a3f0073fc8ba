"""Bytes of unknown encoding as text. Declarations lie, so each is checked against the bytes. Pure."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How "<" or "<?" looks in wide encodings without a mark.
_WIDE = (
    (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
#: Encodings that documents really use. UTF-7 is left out on purpose: it smuggles mark-up past filters.
_KNOWN = re.compile(
    r"utf-?8|utf-?(16|32)([-_]?[lb]e)?|us-ascii|ascii|iso-?8859-\d+|latin-?\d+|windows-?\d+|cp-?\d+|x-sjis|koi8-[rut]"
    r"|gb2312|gbk|gb18030|big5(-?hkscs)?|hz|euc-?(jp|kr|tw|cn)|shift[-_]?jis|sjis|iso-2022-(jp|kr)|tis-620|mac\w+",
    re.IGNORECASE,
)
#: Declared as these, browsers read the larger set (WHATWG Encoding), and so must we: the bytes are used.
_WIDER = {
    "gb2312": "gb18030", "gbk": "gb18030", "euc-cn": "gb18030", "iso-8859-1": "windows-1252",
    "iso8859-1": "windows-1252", "latin1": "windows-1252", "latin-1": "windows-1252", "us-ascii": "windows-1252",
    "ascii": "windows-1252", "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932",
    "big5": "big5hkscs", "iso-8859-9": "windows-1254", "tis-620": "cp874", "euc-kr": "cp949",
}  # fmt: skip
_MULTIBYTE = frozenset({"utf-8", "gb18030", "big5hkscs", "cp932", "cp949", "euc-jp"})
_HANZI = re.compile("[\u4e00-\u9fff]")
_CYRILLIC_WORD = re.compile(b"[\xc0-\xff]{4,}")
_CYRILLIC, _CAPITAL = re.compile("[\u0400-\u04ff]"), re.compile("[\u0410-\u042f]")
_HIGH = re.compile(b"[\x80-\xff]")
#: Seven-bit encodings, which every byte of would also be valid UTF-8.
_ESCAPED = frozenset({"iso2022_jp", "iso2022_kr", "hz"})


def decode(body: bytes, declared: str | None = None) -> str:
    """``body`` as text. ``declared`` is what the HTTP header says; the document's own word goes first.

    Never raises: bytes that fit nothing become U+FFFD.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    start = body[:512].lstrip(b"\r\n\t ")
    for pattern, name in _WIDE:
        if start.startswith(pattern):
            return body.decode(name, "replace")
    candidates = [name for name in (_own_word(body), _codec(declared)) if name]
    if candidates and candidates[0] in _ESCAPED:
        return body.decode(candidates[0], "replace")
    # Text that is valid UTF-8 is UTF-8, whatever it says; the reverse lie is told below.
    for name in dict.fromkeys(["utf-8", *(name for name in candidates if name in _MULTIBYTE)]):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return _guessed(body, candidates)


def _own_word(body: bytes) -> str | None:
    found = _DECLARED.search(body[:1024])
    return _codec(found[1].decode("ascii")) if found else None


def _codec(name: str | None) -> str | None:
    if not name or not _KNOWN.fullmatch(name):
        return None
    lower = name.lower().replace("_", "-") if name.lower() != "shift_jis" else "shift_jis"
    wider = _WIDER.get(lower, lower)
    if wider.startswith(("utf-16", "utf16", "utf-32", "utf32")):
        return "utf-8"  # a document that reached this point is not wide: it was transcoded, its word was not
    try:
        return codecs.lookup(wider).name if wider not in _MULTIBYTE else wider
    except LookupError:
        return None


def _guessed(body: bytes, candidates: list[str]) -> str:
    """Text that no declared encoding fits as it stands."""
    as_utf8 = body.decode("utf-8", "replace")
    high = len(_HIGH.findall(body))
    # Mostly good UTF-8 with a broken character here and there: cut by a byte limit, or glued together.
    if as_utf8.count("\ufffd") * 10 < high:
        return as_utf8
    for name in candidates:
        if name not in _MULTIBYTE:
            # Cyrillic declared as Latin shows: whole words of letters that Latin text has one of.
            if name == "cp1252" and _looks_cyrillic(body, high):
                return _cyrillic(body)
            return body.decode(name, "replace")
    chinese = body.decode("gb18030", "replace")
    if chinese.count("\ufffd") * 50 < high and len(_HANZI.findall(chinese)) * 2 > high * 0.7:
        return chinese
    if candidates and candidates[0] in _MULTIBYTE and candidates[0] != "utf-8":
        return body.decode(candidates[0], "replace")
    return _cyrillic(body) if _looks_cyrillic(body, high) else body.decode("cp1252", "replace")


def _cyrillic(body: bytes) -> str:
    """Windows-1251 or KOI8-R: read as the wrong one, the cases of all letters are swapped."""
    text = body.decode("cp1251", "replace")
    capitals = len(_CAPITAL.findall(text))
    return body.decode("koi8-r", "replace") if capitals * 2 > len(_CYRILLIC.findall(text)) else text


def _looks_cyrillic(body: bytes, high: int) -> bool:
    return high >= 20 and sum(len(word) for word in _CYRILLIC_WORD.findall(body)) > high * 0.7
