"""robots.txt as RFC 9309 tells to read it, and what is kept of it."""

import time

import pytest

from bot.errors import AddressRefused, SourceError, SourceRejected, SourceUnavailable
from bot.intake.robots import Robots, read_robots

SITE = "https://x.example"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow: /", "/a", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/c", False),
        ("User-agent: *\nAllow: /page\nDisallow: /page", "/page", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?a", True),
        ("User-agent: *\nDisallow: /*/private/", "/x/private/y", False),
        ("User-agent: *\nDisallow: /\nUser-agent: tipoff\nAllow: /", "/a", True),
        ("User-agent: TIPOFF\nDisallow: /a\n\nUser-agent: *\nAllow: /", "/a", False),
        ("User-agent: Tipoff/1.0 (news)\nDisallow: /a", "/a", False),
        ("User-agent: tip\nDisallow: /", "/a", True),
        ("User-agent: tipoffbot\nDisallow: /", "/a", True),
        ("User-agent: other\nUser-agent: Tipoff\nDisallow: /a\nUser-agent: x\nDisallow: /b", "/a", False),
        ("User-agent: other\nUser-agent: Tipoff\nDisallow: /a\nUser-agent: x\nDisallow: /b", "/b", True),
        ("\ufeffUser-agent: *\r\nDisallow: /a # a comment", "/a", False),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("Disallow: /a", "/a", True),
        ("<html>not found</html>", "/a", True),
    ],
)
def test_rules(text: str, path: str, allowed: bool) -> None:
    assert read_robots(text.encode()).allows(SITE + path) is allowed


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: a\n" * 10_000 + "Disallow: /x\n" * 20_000,
        "".join(f"User-agent: a{number}\n" for number in range(20_000)) + "Disallow: /x\n" * 20_000,
        "User-agent: *\nDisallow: " + "/*a" * 100_000 + "$",
        "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*b\n" * 15_000,
        "User-agent: *\nCrawl-delay: " + "9" * 400_000,
        "\0" * 500_000,
    ],
    ids=["one-name", "many-names", "stars", "many-stars", "long-number", "zeros"],
)
def test_a_trap_takes_little_time(text: str) -> None:
    began = time.process_time()
    read_robots(text.encode()).allows(f"{SITE}/{'a' * 500}")
    assert time.process_time() - began < 20


def test_only_so_much_is_read_and_a_delay_is_bounded() -> None:
    assert read_robots(b"#" * 512_000 + b"\nUser-agent: *\nDisallow: /").allows(SITE + "/a")
    assert read_robots(b"User-agent: *\nCrawl-delay: 7").delay_s == 7
    assert read_robots(b"User-agent: *\nCrawl-delay: 86400").delay_s == 30
    assert read_robots(b"").delay_s == 0


class Web:
    """What the site answers for robots.txt, and how often it was asked."""

    def __init__(self, answer: bytes | SourceError) -> None:
        self.answer = answer
        self.asked = 0
        self.now = 0.0
        self.robots = Robots(self._ask, clock=lambda: self.now)

    async def _ask(self, url: str, private: bool) -> bytes:
        self.asked += 1
        assert url == f"{SITE}/robots.txt"
        if isinstance(self.answer, SourceError):
            raise self.answer
        return self.answer

    async def allows(self, path: str = "/a") -> bool:
        try:
            await self.robots.require(SITE + path, private=False)
        except SourceUnavailable as exc:
            return f"{SITE}/robots.txt" not in str(exc)
        return True


FORBIDDEN = b"User-agent: *\nDisallow: /a"


async def test_an_answer_is_kept_for_a_day() -> None:
    web = Web(FORBIDDEN)
    assert not await web.allows("/a")
    assert await web.allows("/b")
    assert web.asked == 1
    web.answer, web.now = b"", 24 * 3600.0
    assert await web.allows("/a")
    assert web.asked == 2


@pytest.mark.parametrize(
    ("error", "allowed"),
    [
        (SourceUnavailable("404", status=404), True),
        (SourceUnavailable("403", status=403), True),
        (SourceRejected("410", status=410), True),
        (SourceUnavailable("too many redirects", status=302), True),
        (SourceUnavailable("500", status=500), False),
        (SourceUnavailable("no answer"), False),
    ],
    ids=["missing", "refused", "gone", "redirects", "broken", "silent"],
)
async def test_without_a_robots_txt(error: SourceError, allowed: bool) -> None:
    assert await Web(error).allows() is allowed


async def test_a_site_in_trouble_is_asked_again_soon_and_an_earlier_copy_holds() -> None:
    web = Web(SourceUnavailable("503", status=503))
    assert not await web.allows("/b")
    assert not await web.allows("/b")
    assert web.asked == 1
    web.answer, web.now = FORBIDDEN, 700.0
    assert await web.allows("/b")
    web.answer, web.now = SourceUnavailable("503", status=503), 100_000.0
    assert await web.allows("/b")
    assert not await web.allows("/a")
    assert web.asked == 3


async def test_a_refused_address_is_told_as_such() -> None:
    web = Web(AddressRefused("private"))
    with pytest.raises(AddressRefused):
        await web.robots.require(f"{SITE}/a", private=False)
