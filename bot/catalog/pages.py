"""Which part of a page a source watches: the fragment ``#css=<selector>`` of its address. Pure."""

from urllib.parse import unquote, urldefrag

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

_MARK = "css="
WHOLE_PAGE = "body"


def selector_of(url: str) -> str:
    """The CSS selector in the address, ``body`` when it has none."""
    fragment = unquote(urldefrag(url).fragment)
    return fragment.removeprefix(_MARK) if fragment.startswith(_MARK) else WHOLE_PAGE


def is_selector(text: str) -> bool:
    """Whether the parser that will read the page takes ``text`` as a selector."""
    try:
        LexborHTMLParser("<p></p>").css(text)
    except (SelectolaxError, ValueError):
        return False
    return bool(text.strip())
