"""``tipoff sources`` as a person uses it: try, add, import, list, remove, export."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.feed_server import FeedServer, feed_server
from tests.scenarios.program import Program

ENTRY = "<item><guid>1</guid><title>DeepSeek V4 is here</title><pubDate>Tue, 24 Nov 2026 10:00:00 GMT</pubDate></item>"
RSS = f"<rss version='2.0'><channel><title>Chips daily</title>{ENTRY}</channel></rss>"
PAGE = (
    "<html><head><title>Chips</title><link rel='alternate' type='application/rss+xml' href='/good.xml'></head>"
    "<body>news</body></html>"
)


class Desk:
    def __init__(self, folder: Path, server: FeedServer) -> None:
        self.folder, self.server = folder, server
        self.program = Program(folder)

    async def call(self, *args: str) -> tuple[int, str]:
        program = await Program(self.folder).start(*args)
        return await program.ended(), program.output


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with feed_server() as server:
        good, bad = server.show("/good.xml", RSS), server.show("/bad.xml", status=503)
        (tmp_path / "catalog.toml").write_text(
            f'[[source]]\nid = "good"\nkind = "rss"\nurl = "{good}"\ntopics = ["v4"]\n'
            f'[[source]]\nid = "bad"\nkind = "rss"\nurl = "{bad}"\n'
            '[[topic]]\nid = "v4"\nname = "DeepSeek V4"\nany = ["deepseek v4"]\n'
        )
        yield Desk(tmp_path, server)


async def test_check_shows_what_answers_and_saves_nothing(desk: Desk) -> None:
    code, shown = await desk.call("sources", "check")
    assert code == 1, "one does not answer"
    good, bad = (next(line for line in shown.splitlines() if name in line) for name in ("good ", "bad "))
    assert good.startswith("✔")
    assert bad.startswith("✘")
    assert "answered 503" in bad
    assert "1 of 2 sources answer, 1 do not" in shown
    code, shown = await desk.call("sources", "check", "good", "--json")
    (row,) = [json.loads(line) for line in shown.splitlines() if '"newest"' in line]
    assert code == 0
    assert (row["id"], row["answers"], row["items"]) == ("good", True, 1)
    assert row["newest"] == "2026-11-24T10:00:00+00:00"
    _, shown = await desk.call("sources")
    assert "read never" in shown


async def test_a_page_is_added_as_the_feed_that_it_offers(desk: Desk) -> None:
    desk.server.show("/good.xml", "")
    desk.server.show("/", PAGE, headers={"Content-Type": "text/html"})
    desk.server.show("/good.xml", RSS)
    (desk.folder / "catalog.toml").write_text('[[topic]]\nid = "v4"\nany = ["deepseek v4"]\n')
    code, shown = await desk.call("sources", "add", desk.server.url("/"), "--topic", "v4", "--name", "Chips")
    assert code == 0, shown
    assert "/good.xml" in shown
    _, listed = await desk.call("sources", "--topic", "v4")
    assert "Chips" in listed
    code, shown = await desk.call("poll", "--once", "--json")
    assert json.loads(shown)["items_new"] == 1
    code, shown = await desk.call("sources", "add", desk.server.url("/good.xml"))
    assert code == 2
    assert "read already" in shown


@pytest.mark.parametrize(
    ("args", "says"),
    [
        pytest.param(["add", "ftp://example.org/feed"], "no http or https address", id="scheme"),
        pytest.param(["add", "{base}/bad.xml"], "answered 503", id="dead"),
        pytest.param(["add", "{base}/good.xml", "--kind", "telex"], "unknown kind 'telex'", id="kind"),
        pytest.param(["add", "{base}/good.xml", "--topic", "x"], "Unknown topic 'x'", id="topic"),
        pytest.param(["add", "{base}/good.xml", "--every", "often"], "--every", id="every"),
        pytest.param(["check", "nobody"], "unknown source 'nobody'", id="check"),
        pytest.param(["remove", "good"], "is the catalog's", id="remove-catalog"),
        pytest.param(["remove", "nobody"], "no such source was added", id="remove-unknown"),
        pytest.param(["import", "missing.opml"], "missing.opml", id="import-missing"),
        pytest.param(["import", "catalog.toml"], "catalog.toml", id="import-no-opml"),
    ],
)
async def test_what_cannot_be_done_is_one_clear_line(desk: Desk, args: list[str], says: str) -> None:
    code, shown = await desk.call("sources", *[arg.replace("{base}", desk.server.base) for arg in args])
    assert code == 2
    assert says in shown
    assert "Traceback" not in shown


async def test_opml_comes_in_goes_out_and_one_of_it_is_removed(desk: Desk) -> None:
    (desk.folder / "mine.opml").write_text(
        "<?xml version='1.0'?><opml version='2.0'><head/><body><outline text='Chips'>"
        f"<outline type='rss' text='More chips' xmlUrl='{desk.server.url('/more.xml')}'/>"
        f"<outline type='rss' text='Known' xmlUrl='{desk.server.url('/good.xml')}'/></outline></body></opml>"
    )
    code, shown = await desk.call("sources", "import", "mine.opml", "--topic", "v4")
    assert code == 0, shown
    assert "1 source added, 1 were read already" in shown
    code, shown = await desk.call("sources", "export", "out.opml")
    assert code == 0, shown
    written = (desk.folder / "out.opml").read_text(encoding="utf-8")
    assert "More chips" in written
    assert "/more.xml" in written
    _, shown = await desk.call("sources", "check", "--json")
    rows = [json.loads(line) for line in shown.splitlines() if '"newest"' in line]  # the log stands there too
    given = next(row["id"] for row in rows if row["url"].endswith("/more.xml"))
    assert (await desk.call("sources", "remove", given))[0] == 0
    assert "More chips" not in (await desk.call("sources"))[1]


async def test_a_feed_is_called_what_it_calls_itself_and_removed_by_that_name(desk: Desk) -> None:
    url = desk.server.show("/chips.xml", RSS)
    code, shown = await desk.call("sources", "add", url)
    assert code == 0, shown
    assert "Chips daily" in shown
    assert "1 item now" in shown
    code, shown = await desk.call("sources", "add", desk.server.show("/twin.xml", RSS))
    assert code == 0, shown
    code, shown = await desk.call("sources", "remove", "chips daily")
    assert code == 2, "two have that name"
    assert "chips-xml-" in shown
    assert "twin-xml-" in shown
    by_id = next(word for word in shown.replace(",", " ").split() if "twin-xml-" in word)
    assert (await desk.call("sources", "remove", by_id))[0] == 0
    code, shown = await desk.call("sources", "remove", "chips daily")
    assert code == 0, shown


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("<html><body>news</body></html>", "text/html", "--kind page"),
        (
            "<?xml version='1.0'?><urlset><url><loc>https://x.example/</loc></url></urlset>",
            "text/xml",
            "--kind sitemap",
        ),
        ("plain words", "text/plain", "It is text/plain"),
    ],
    ids=["page", "sitemap", "text"],
)
async def test_what_was_found_instead_of_a_feed_is_named(desk: Desk, body: str, kind: str, says: str) -> None:
    url = desk.server.show("/odd", body, headers={"Content-Type": kind})
    code, shown = await desk.call("sources", "add", url)
    assert code == 2
    assert says in " ".join(shown.split())
