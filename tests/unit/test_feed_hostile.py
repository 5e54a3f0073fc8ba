"""Documents that are traps: an error or the harmless entries, in little time and memory, touching nothing."""

import builtins
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ParseFailed
from bot.intake.sources.registry import Parsed
from bot.judgement.canonical import make_item
from tests.paths import DATA, SHARED_DATA
from tests.unit.reading import NOW, a_source, read, rss

OWN = sorted((DATA / "feeds" / "hostile").iterdir())
SHARED = SHARED_DATA / "feeds" / "hostile"
ENTITY = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">%s]>'


def nested_entities() -> str:
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    return f"<!DOCTYPE rss [{steps}]>" + rss("<title>x &e11;</title>")[21:]


def attributes() -> str:
    return " ".join(f"a{n}='1'" for n in range(60_000))


MADE: dict[str, Callable[[], str]] = {
    "nested-entities": nested_entities,
    "quadratic": lambda: f'<!DOCTYPE rss [<!ENTITY a "{"A" * 50_000}">]>' + rss(f"<title>x{'&a;' * 5000}</title>")[21:],
    "doctype-without-end": lambda: "<!DOCTYPE rss [" + "<!ENTITY a 'x'>" * 50_000,
    "many-attributes": lambda: f"<rss {attributes()}>" + rss("<title>x</title>")[21:],
    "many-attributes-odd": lambda: f"<x:feed {attributes()}/>",
    "deep": lambda: rss("<title>x</title>" + "<a>" * 60_000),
    "deep-odd": lambda: "<x:feed xmlns:x='http://www.w3.org/2005/Atom'>" + "<a>" * 60_000,
    "deep-json": lambda: '{"items": ' + "[" * 100_000,
    "long-number": lambda: '{"version": "https://jsonfeed.org/version/1", "items": [{"id": ' + "9" * 100_000 + "}]}",
    "unclosed": lambda: rss("<title>x</title><description>" + "&lt;a &lt;script>" * 60_000 + "</description>"),
    "unclosed-cdata": lambda: "<x:feed>" + "<![CDATA[" * 100_000,
    "unclosed-comments": lambda: "<x:feed>" + "<!--" * 100_000,
    "long-title": lambda: rss(f"<title>{'x' * 5_000_000}</title>"),
    "many-items": lambda: rss(*(f"<title>{n}</title><guid>{n}</guid>" for n in range(26_000))),
    "processing": lambda: "<?xml " * 100_000 + rss("<title>x</title>"),
}  # fmt: skip


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any file that is opened and any connection that is tried while parsing is a failure."""

    def refuse(*args: Any, **more: Any) -> Any:
        raise AssertionError(f"touched the outside: {args[:2]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(builtins, "open", refuse)


def read_in_time(body: bytes) -> Parsed | None:
    began = time.process_time()
    try:
        found = read(body)
    except ParseFailed:
        found = None
    # A trap that works takes minutes; a tracer (coverage) alone makes honest work several times slower.
    assert time.process_time() - began < (15 if sys.gettrace() is None else 60)
    return found


def assert_harmless(found: Parsed | None) -> None:
    for item in found.items if found else ():
        text = f"{item.title} {item.summary} {item.author}"
        assert "root:" not in text
        assert len(text) < 2000
        assert text.isprintable()
        assert not item.url or item.url.startswith(("http://", "https://"))
        assert len(item.external_id) <= 500


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("name", MADE)
def test_a_made_trap_does_no_harm(name: str) -> None:
    assert_harmless(read_in_time(MADE[name]().encode()))


@pytest.mark.parametrize("path", [path for path in OWN if path.suffix != ".md"], ids=lambda path: path.name)
def test_a_known_trap_does_no_harm(path: Path, untouched: None) -> None:
    assert_harmless(read_in_time(path.read_bytes()))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not here")
@pytest.mark.parametrize(
    "path", sorted(SHARED.iterdir()) if SHARED.exists() else [], ids=lambda path: path.name
)
def test_a_shared_trap_does_no_harm(path: Path) -> None:
    assert_harmless(read_in_time(path.read_bytes()))


def test_an_external_entity_stays_out_and_its_neighbour_is_read() -> None:
    body = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(
        "<title>a&x;b</title>", "<title>fine</title>"
    ).removeprefix('<?xml version="1.0"?>')
    assert [item.title for item in read(body).items] == ["ab", "fine"]


def test_what_chats_would_take_for_commands_stays_text() -> None:
    found = read(DATA / "feeds" / "hostile" / "chat-injection.rss")
    assert any("@everyone" in item.title for item in found.items)
    assert all("\u202e" not in item.title and "\u200b" not in item.title for item in found.items)
    assert all("\n" not in item.title for item in found.items)


def test_links_to_bad_places_are_left_out() -> None:
    found = read(DATA / "feeds" / "hostile" / "bad-links.rss")
    assert len(found.items) == 20
    shown = {item.url for item in found.items if item.url}
    assert not any(
        bad in url for url in shown for bad in ("127.0.0.1", "::1", "0x7f", "169.254", "10.0.0.1", "@")
    )


def test_entries_without_an_id_have_the_same_one_at_every_poll() -> None:
    body = rss(
        "<title>A</title><description>one</description>", "<title>B</title><link>https://x.example/b</link>"
    )
    first, later = read(body), read(body, now=NOW + timedelta(days=1))
    assert [item.external_id for item in first.items] == [item.external_id for item in later.items]
    assert len({item.external_id for item in first.items}) == 2


def test_ten_thousand_entries_are_cut_to_the_newest_and_it_is_said() -> None:
    day = datetime(2026, 1, 1, tzinfo=UTC)
    body = rss(
        *(
            f"<title>{n}</title><guid>{n}</guid><pubDate>{format_datetime(day + timedelta(minutes=n))}</pubDate>"
            for n in range(10_000)
        )
    )
    found = read(body)
    assert len(found.items) == 2_000
    assert found.items[-1].title == "9999"
    assert found.problems == ("10000 entries in one document; only the newest 2000 were read",)


def test_zeros_are_left_out_of_every_text() -> None:
    body = rss(
        "<title>a\0b</title><guid>x\0y</guid><link>https://x.example/\0a</link><description>\0c</description>"
    )
    (item,) = read(body.encode()).items
    assert (item.title, item.external_id, item.url, item.summary) == ("ab", "xy", "https://x.example/a", "c")


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("Tue, 24 Nov 2026 10:00:00 GMT", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        ("Fri, 24 Nov 2199 10:00:00 GMT", NOW),
        ("Mon, 01 Jan 0001 00:00:00 GMT", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
        ("Tue, 99 Foo 2026 10:00:00 GMT", NOW),
        ("99999999999999999999", NOW),
        ("", NOW),
    ],
    ids=["past", "future", "year-one", "epoch", "nonsense", "number", "empty"],
)
def test_a_date_that_cannot_be_is_the_time_of_reading(said: str, believed: datetime) -> None:
    (raw,) = read(rss(f"<title>x</title><pubDate>{said}</pubDate>")).items
    assert make_item(raw, a_source(), seen=NOW).published == believed


def test_a_charset_that_lies_is_found_out() -> None:
    """Declared one way in the header and another in the document, written in a third."""
    body = rss("<title>昇腾跑分曝光，官方尚未回应此事</title>").replace(
        '<?xml version="1.0"?>', '<?xml version="1.0" encoding="iso-8859-1"?>'
    )
    for written, header in (
        ("utf-8", "gbk"),
        ("gb18030", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-8-sig", "koi8-r"),
    ):
        document = body if written != "gb18030" else body.replace("iso-8859-1", "gb2312")
        (item,) = read(document.encode(written), charset=header).items
        assert item.title == "昇腾跑分曝光，官方尚未回应此事", (written, header)
