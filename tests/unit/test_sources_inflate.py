"""Content codings within limits."""

import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard

from bot.intake.inflate import TooLarge, Unreadable, decode_body

TEXT = b"<rss>" + b"DeepSeek V4 " * 2000 + b"</rss>"
LIMIT = 1_000_000


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
}


@pytest.mark.parametrize("coding", PACK)
def test_every_coding_that_is_asked_for_is_undone(coding: str) -> None:
    assert decode_body(PACK[coding](TEXT), coding.upper(), max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize(
    ("body", "codings"),
    [
        (raw_deflate(TEXT), "deflate"),
        (gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]), "gzip"),
        (gzip.compress(TEXT) + b"\0\0\0", "gzip"),
        (gzip.compress(TEXT) + b"trailing rubbish", "gzip"),
        (gzip.compress(brotli.compress(TEXT)), "br, gzip"),
        (zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]), "zstd"),
    ],
    ids=["raw-deflate", "two-members", "padded", "rubbish-after", "two-codings", "two-frames"],
)
def test_the_odd_forms_that_servers_send_are_read(body: bytes, codings: str) -> None:
    assert decode_body(body, codings, max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_refused_and_takes_no_memory(coding: str) -> None:
    bomb = PACK[coding](b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            decode_body(bomb, coding, max_bytes=LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 8 * LIMIT
    finally:
        tracemalloc.stop()


def test_a_bomb_inside_a_bomb_is_refused() -> None:
    with pytest.raises(TooLarge):
        decode_body(gzip.compress(gzip.compress(b"\0" * 50_000_000)), "gzip, gzip", max_bytes=LIMIT)


def test_the_limit_itself_is_allowed() -> None:
    for coding in PACK:
        assert len(decode_body(PACK[coding](b"x" * 1000), coding, max_bytes=1000)) == 1000


@pytest.mark.parametrize(
    ("body", "codings"),
    [(b"plain", "gzip"), (b"plain", "br"), (b"plain", "zstd"), (b"x", "lzma"), (b"x", "gzip,gzip,gzip,gzip")],
    ids=["not-gzip", "not-brotli", "not-zstd", "unknown", "too-many"],
)
def test_what_is_not_what_it_says_is_unreadable(body: bytes, codings: str) -> None:
    with pytest.raises(Unreadable):
        decode_body(body, codings, max_bytes=LIMIT)


def test_a_body_cut_short_gives_its_beginning() -> None:
    text = "".join(f"<item>{number * 7919 % 10007}</item>" for number in range(5000)).encode()
    packed = gzip.compress(text)
    found = decode_body(packed[: len(packed) // 2], "gzip", max_bytes=LIMIT)
    assert len(found) > len(text) // 4
    assert text.startswith(found)
