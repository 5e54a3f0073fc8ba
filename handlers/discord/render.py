"""Messages and replies as Discord embeds. Pure: values in, JSON-ready dicts out."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, assert_never

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, Message, NoticeMessage, Outlet
from bot.delivery.wording import Wording, wording
from bot.model import Event, Grade
from handlers.discord.text import clean, escaped, joined, link, plain, safe_url, width
from handlers.replies import Entry, Reply

#: Discord's limits, from its documentation of embeds and messages.
TITLE, DESCRIPTION, FIELD_VALUE, AUTHOR = 256, 4096, 1024, 256
#: A summary longer than this hides the next message.
_SUMMARY = 700
_NOTICE_LINES = 12
_REF = 10  # characters of a token that are shown; enough to tell one channel's messages apart
#: A reply is shown on as many messages as this, then says how much is left out.
_PAGES = 4
_PAGE = 3900
_ENTRY_TEXT, _ENTRY_LINE, _ENTRY_LINES = 500, 240, 700

_COLOUR = {
    Grade.OFFICIAL: 0x2ECC71,
    Grade.FILING: 0x1F8B4C,
    Grade.PRIMARY_DATA: 0x1ABC9C,
    Grade.LEAK: 0x9B59B6,
    Grade.REPORT: 0x3498DB,
    Grade.RUMOUR: 0xF1C40F,
    Grade.OPINION: 0x95A5A6,
}
#: The grade's colour where an embed's own cannot show it, and for those who do not see that.
_DOT = {
    Grade.OFFICIAL: "🟢",
    Grade.FILING: "🟢",
    Grade.PRIMARY_DATA: "🟢",
    Grade.LEAK: "🟣",
    Grade.REPORT: "🔵",
    Grade.RUMOUR: "🟡",
    Grade.OPINION: "⚪",
}
_TONE_COLOUR = {"info": 0x5865F2, "done": 0x2ECC71, "error": 0xED4245}
_NOTICE_COLOUR = 0xE67E22

Embed = dict[str, Any]


def embed(message: Message) -> Embed:
    """The embed of a message, within every limit of Discord's."""
    match message:
        case AlertMessage():
            return _alert(message)
        case DigestMessage():
            return _digest(message)
        case NoticeMessage():
            return {
                "title": _title(message.title),
                "description": _lines(message.text, DESCRIPTION // 2),
                "color": _NOTICE_COLOUR,
                "footer": {"text": footer(message)},
            }
        case _:
            assert_never(message)


def calls(message: Message) -> str:
    """Whom an alert calls, as content: an embed calls nobody. "" for nobody."""
    role = message.place.mention if isinstance(message, AlertMessage) else ""
    return f"<@&{role}>" if role.isascii() and role.isdecimal() and len(role) <= 20 else ""


def content(message: Message) -> str:
    """The same message without an embed, for a channel or a text that takes none."""
    match message:
        case AlertMessage():
            facts = " · ".join([message.publisher, _evidence(message), ", ".join(message.topics)])
            lines = [calls(message), f"**{_title(_marked(message))}**", *_bare_link(message.url)]
            lines += [escaped(facts, 300), escaped(message.meanwhile, 200)]
            if message.answers:
                lines.append(_answers(message, limit=500))
        case DigestMessage():
            said = wording(message.place.locale)
            rows = [f"{escaped(row.title, 120)} ({said.grade(row.grade)})" for row in message.entries]
            lines = [f"**{_title(message.title)}**", joined(rows, "\n", limit=1400, more=_more(said))]
        case NoticeMessage():
            lines = [f"**{_title(message.title)}**", _lines(message.text, 1000)]
        case _:
            assert_never(message)
    return "\n".join([line for line in lines if line] + [footer(message)])


def _lines(text: str, limit: int) -> str:
    """Each line on its own, so that what comes from outside cannot begin another."""
    lines = text.split("\n")[:_NOTICE_LINES]
    return "\n".join(escaped(line, limit // len(lines) - 1) for line in lines)


def footer(message: Message) -> str:
    """The last line of every message. It ends with the reference by which ``find_sent`` knows the message."""
    said = wording(message.place.locale)
    story = f" · {said('story', number=message.story)}" if isinstance(message, AlertMessage) else ""
    return f"Tipoff{story} · {reference(message)}"


def reference(message: Message) -> str:
    return f"ref {message.token[:_REF]}"


def _marked(message: AlertMessage) -> str:
    """The headline; a correction is called one."""
    if message.event is not Event.CORRECTION:
        return message.title
    return f"{wording(message.place.locale)('correction')}: {message.title}"


def _alert(message: AlertMessage) -> Embed:
    said = wording(message.place.locale)
    fields = [
        _field(
            said("correction" if message.event is Event.CORRECTION else "answer"),
            _answers(message, limit=FIELD_VALUE),
        ),
        _field(said("evidence"), f"{_DOT[message.grade]} {_evidence(message)}", inline=True),
        _field(said("topic"), escaped(", ".join(message.topics), 300), inline=True),
        _field(said("published"), _ago(message.published), inline=True),
        _field(said("meanwhile"), escaped(message.meanwhile, 500)),
        _field(said("original"), link(message.site, message.url, limit=80) if message.site else ""),
        _field(said("also"), _outlets(message.outlets, said)),
        _field(said("tags"), escaped(", ".join(message.tags), 300)),
    ]
    made: Embed = {
        "title": _title(_marked(message)),
        "color": _COLOUR[message.grade],
        "fields": [field for field in fields if field["value"]],  # Discord refuses an empty one
        "timestamp": message.published.isoformat(),
        "footer": {"text": footer(message)},
    }
    if url := safe_url(message.url):
        made["url"] = url
    if summary := escaped(message.summary, _SUMMARY):
        made["description"] = summary
    if author := plain(_byline(message), AUTHOR):
        made["author"] = {"name": author}
    return made


def _byline(message: AlertMessage) -> str:
    """Who says so. An author that only repeats the publisher is not said twice."""
    author = clean(message.author)
    if not author or author.casefold() == clean(message.publisher).casefold():
        return message.publisher
    return f"{message.publisher} · {author}" if message.publisher else author


def _evidence(message: AlertMessage) -> str:
    said = wording(message.place.locale)
    confirmed = f", {said('independent', n=message.witnesses)}" if message.witnesses > 1 else ""
    if message.event is Event.UPGRADE and message.previous_grade:
        return f"{said.grade(message.previous_grade)} → {said.grade(message.grade)}{confirmed}"
    return f"{said.grade(message.grade)}{confirmed}"


def _more(said: Wording) -> str:
    """What stands for the rest, with a place for its number."""
    return "… " + said("more", n="{}")


def _ago(moment: datetime) -> str:
    """Discord shows it as "2 hours ago" in the reader's language, and exactly on their own clock when pointed at."""
    return f"<t:{int(moment.timestamp())}:R>"


def _answers(message: AlertMessage, *, limit: int) -> str:
    rows = (f"➜ {escaped(answer, 400)}" for answer in message.answers)
    return joined(rows, "\n", limit=limit, more=_more(wording(message.place.locale)))


def _outlets(outlets: Sequence[Outlet], said: Wording) -> str:
    rows = (
        f"{link(row.publisher or row.url, row.url, limit=80)} ({said.grade(row.grade)})"
        for row in outlets[:5]
    )
    return joined(rows, ", ", limit=FIELD_VALUE, more=_more(said))


def _digest(message: DigestMessage) -> Embed:
    said = wording(message.place.locale)
    reason = [f"{escaped(message.reason, 500)}\n"] if message.reason else []
    lines: list[str] = []
    for grade, entries in groupby(message.entries, key=lambda entry: entry.grade):
        rows = [_digest_line(entry, said) for entry in entries]
        # The heading stays with its first line, so that a cut never leaves it alone.
        lines += [f"{_DOT[grade]} **{said.grade(grade)}**\n{rows[0]}", *rows[1:]]
    rest = "… " + said("more_latest", n="{}", command="/latest")
    return {
        "title": _title(message.title),
        "description": joined([*reason, *lines], "\n", limit=DESCRIPTION, more=rest),
        "color": _COLOUR[message.entries[0].grade] if message.entries else _NOTICE_COLOUR,
        "footer": {"text": footer(message)},
    }


def _digest_line(entry: DigestEntry, said: Wording) -> str:
    mark = f" · {said(entry.event.value)}" if entry.event in (Event.UPGRADE, Event.CORRECTION) else ""
    told = f"{link(entry.title, entry.url, limit=160)} · {escaped(entry.publisher, 60)}"
    return f"• {told} · \\#{entry.story}{mark} · {_ago(entry.published)}"


def reply_pages(reply: Reply, *, pages: int = _PAGES) -> list[Embed]:
    """An answer as one embed a message, at most so many: the first carries the title, each holds whole entries, the
    last shows the picture."""
    blocks = [_entry(entry) for entry in reply.entries]
    text = escaped(reply.text, _PAGE // 2)
    filled: list[list[str]] = [[text] if text else []]
    for at, block in enumerate(blocks):
        used = sum(width(part) + 2 for part in filled[-1])
        if used + width(block) > _PAGE:
            if len(filled) == pages:
                filled[-1].append(f"… and {len(blocks) - at} more")
                break
            filled.append([])
        filled[-1].append(block)
    made: list[Embed] = [
        {"description": "\n\n".join(parts), "color": _TONE_COLOUR[reply.tone]} for parts in filled
    ]
    made[0] = {"title": _title(reply.title), **made[0]}
    if reply.file is not None and reply.file.mime.startswith("image/"):
        made[-1]["image"] = {"url": f"attachment://{reply.file.name}"}
    return made


def _entry(entry: Entry) -> str:
    facts = " · ".join(escaped(fact, 200) for fact in entry.facts[:12] if fact)
    lines = [
        f"**{link(entry.title or '(no title)', entry.url, limit=200)}**",
        facts,
        escaped(entry.text, _ENTRY_TEXT),
    ]
    # Text and lines share the room, so that an entry always fits on a page.
    below = (f"› {escaped(line, _ENTRY_LINE)}" for line in entry.lines if line)
    lines.append(joined(below, "\n", limit=_ENTRY_LINES - width(lines[-1]), more="… and {} more"))
    return "\n".join(line for line in lines if line)


def _title(text: str) -> str:
    return escaped(text, TITLE) or "(no title)"


def _field(name: str, value: str, *, inline: bool = False) -> dict[str, Any]:
    return {"name": name, "value": value, "inline": inline}


def _bare_link(url: str) -> list[str]:
    address = safe_url(url, limit=512)
    return [f"<{address}>"] if address else []  # the brackets keep Discord from adding a preview
