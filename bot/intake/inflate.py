"""Undoes content codings within a limit, so that a small bomb cannot become a large body. Pure."""

import zlib
from collections.abc import Callable

import brotli
import zstandard

#: RFC 9659: the window that a zstd answer may ask for.
_ZSTD_WINDOW = 8 * 1024 * 1024
_STEP = 64 * 1024
#: Members of one gzip body. Each costs a copy of the rest, so that many empty ones would be a bomb of their own.
_MEMBERS = 256
GZIP_MAGIC = b"\x1f\x8b\x08"


class TooLarge(ValueError):
    """The body would be larger than the limit."""


class Unreadable(ValueError):
    """The body is not what its coding says, or the coding is not known."""


def decode_body(body: bytes, codings: str, *, max_bytes: int) -> bytes:
    """The body without its codings (a ``Content-Encoding`` value, last applied last).

    Raises ``TooLarge`` before more than ``max_bytes`` are held, ``Unreadable`` for a broken body. A body cut
    short gives what could be read of it: a half feed still has whole entries.
    """
    names = [name.strip().lower() for name in codings.split(",") if name.strip()]
    if len(names) > 3:
        raise Unreadable(f"{len(names)} content codings on top of each other")
    for name in reversed(names):
        decode = _DECODERS.get(name)
        if decode is None:
            raise Unreadable(f"unknown content coding {name[:20]!r}")
        try:
            body = decode(body, max_bytes)
        except (zlib.error, brotli.error, zstandard.ZstdError) as exc:
            raise Unreadable(f"broken {name} body") from exc
    return body


def _gzip(body: bytes, limit: int) -> bytes:
    out = bytearray()
    for _ in range(_MEMBERS):
        if not body:
            break
        member = zlib.decompressobj(wbits=31)
        out += _inflate(member, body, limit - len(out))
        rest = member.unused_data.lstrip(b"\0")  # padding is allowed between members
        if rest and not rest.startswith(GZIP_MAGIC):
            break  # trailing rubbish, which browsers ignore too
        body = rest
    return bytes(out)


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(zlib.decompressobj(), body, limit)
    except zlib.error:  # some servers send it raw, without zlib's header
        return _inflate(zlib.decompressobj(wbits=-15), body, limit)


def _inflate(decoder: "zlib._Decompress", body: bytes, limit: int) -> bytes:
    out = decoder.decompress(body, limit + 1)
    if len(out) > limit:
        raise TooLarge
    return out


def _brotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray(decoder.process(body, output_buffer_limit=_STEP))
    while not decoder.is_finished() and not decoder.can_accept_more_data():
        out += decoder.process(b"", output_buffer_limit=_STEP)
        if len(out) > limit:
            raise TooLarge
    if len(out) > limit:
        raise TooLarge
    if not out and not decoder.is_finished():
        raise Unreadable("broken br body")  # any bytes may be the beginning of one
    return bytes(out)


def _zstd(body: bytes, limit: int) -> bytes:
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    out = bytearray()
    with decoder.stream_reader(body, read_across_frames=True) as reader:
        while chunk := reader.read(_STEP):
            out += chunk
            if len(out) > limit:
                raise TooLarge
    return bytes(out)


def _identity(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge
    return body


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
    "identity": _identity,
}
