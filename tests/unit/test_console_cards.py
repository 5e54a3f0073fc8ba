"""What the terminal shows of a message, beside what every card has."""

from io import StringIO

from rich.console import Console

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, Message
from bot.model import CONSOLE, Event, Grade, StoryId
from handlers.console.cards import card
from tests.builders import NOW

ALERT = AlertMessage(
    token="t", channel=CONSOLE, story=StoryId(7), event=Event.UPGRADE, title="DeepSeek V4 is out", url="",
    publisher="DeepSeek", grade=Grade.OFFICIAL, topics=("DeepSeek V4",), published=NOW,
    meanwhile="2 more outlets; report → official at 03:12\x1b[2J",
)  # fmt: skip
ENTRY = DigestEntry(
    story=StoryId(7), event=Event.NEW, title="DeepSeek V4 is out", url="", publisher="DeepSeek",
    grade=Grade.OFFICIAL, topics=(), published=NOW,
)  # fmt: skip


def shown(message: Message) -> str:
    out = StringIO()
    Console(file=out, width=100).print(card(message))
    return out.getvalue()


def test_a_card_says_what_came_while_it_waited() -> None:
    text = shown(ALERT)
    assert "Meanwhile: 2 more outlets; report → official at 03:12" in text
    assert "\x1b" not in text


def test_a_digest_that_was_not_asked_for_says_why_it_is_one() -> None:
    digest = DigestMessage(token="t", channel=CONSOLE, title="Digest", entries=(ENTRY,))
    assert "Not told" not in shown(digest)
    why = DigestMessage(
        token="t", channel=CONSOLE, title="Digest", entries=(ENTRY,), reason="Not told one by one: too late."
    )
    assert "Not told one by one: too late." in shown(why)
