"""Real documents, damaged at random: no adapter crashes, hangs or gives back what it may not."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ParseFailed
from tests.paths import DATA
from tests.unit.reading import read

#: Kind, and the folders whose documents it is fed with: its own, and some that it does not expect.
KINDS = {
    "feed": "feeds", "mastodon": "api/mastodon", "huggingface": "api/huggingface", "github": "api/github",
    "federalregister": "api/federalregister", "hackernews": "api/hackernews", "reddit": "api/reddit",
    "arxiv": "api/arxiv", "bluesky": "api/bluesky", "gdelt": "api/gdelt", "sitemap": "api/sitemap", "page": "feeds",
}  # fmt: skip
PIECES = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b'"', b"\0", b"\xff", b"null",
    b"{}", b"[]", b"1e999", b"-1", b"true", b'"\\ud800"', b"\xe2\x80\xae", b"&#x0;", b"&#xD800;", b"<item>",
    b"</entry>", b"encoding='utf-16'", b"0001-01-01T00:00:00Z", b"99999999999999999999", b"http://[", b"\x1f\x8b\x08",
]  # fmt: skip


def documents(folder: str) -> list[Path]:
    return [path for path in sorted((DATA / folder).iterdir()) if path.is_file() and path.suffix != ".md"]


def damaged(body: bytes, seed: int, strokes: int) -> bytes:
    rng = random.Random(seed)
    out = bytearray(body)
    for _ in range(strokes):
        place = rng.randrange(len(out) + 1)
        match rng.randrange(5):
            case 0:
                out[place:place] = rng.choice(PIECES)
            case 1:
                del out[place : place + rng.randrange(1, 40)]
            case 2:
                out[place : place + 4] = rng.choice(PIECES)
            case 3:
                other = rng.randrange(len(out) + 1)
                out[place:place] = out[other : other + 200]
            case _:
                if place < len(out):
                    out[place] ^= 1 << rng.randrange(8)
    return bytes(out[: rng.randrange(len(out) + 1)] if rng.random() < 0.2 else out)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=2000, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(which=st.integers(0, 1000), seed=st.integers(0, 2**32), strokes=st.integers(1, 30))
def test_damage_is_survived(kind: str, which: int, seed: int, strokes: int) -> None:
    choices = documents(KINDS[kind])
    body = damaged(choices[which % len(choices)].read_bytes(), seed, strokes)
    try:
        found = read(body, kind)
    except ParseFailed:
        return
    ids = [item.external_id for item in found.items]
    assert len(ids) == len(set(ids))
    for item in found.items:
        assert item.title
        assert len(item.title) <= 500
        assert len(item.summary) <= 1000
        assert not item.url or item.url.startswith(("http://", "https://"))
        for text in (item.title, item.summary, item.author, item.publisher, item.external_id, item.url):
            text.encode("utf-8")
            assert "\0" not in text
            assert "\n" not in text
