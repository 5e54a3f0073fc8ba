"""Alerts, digests, notices and answers as Block Kit with a plain text beside it. Pure."""

from dataclasses import replace
from typing import assert_never

from bot.delivery.contract import AlertMessage, DigestMessage, Message, NoticeMessage, Place
from bot.delivery.wording import Wording, wording
from bot.model import Event, Grade
from handlers.actions import alert_buttons
from handlers.naming import slack_text
from handlers.replies import Entry, Reply
from handlers.slack.blocks import (
    MAX_CONTEXT_ELEMENTS,
    MAX_TEXT,
    Block,
    Rendered,
    buttons,
    call,
    context,
    emoji,
    fitted,
    header,
    is_user_group,
    rich,
    selects,
    title_elements,
    words,
)
from handlers.slack.markup import clean, date, escaped, escaped_only, link, safe_url, trim

# Together well below what one message takes, whatever the characters.
_TITLE, _NAME, _SUMMARY, _ANSWER, _NOTICE = 300, 80, 1200, 250, 2500
_NOTICE_LINES = 12
_ANSWERS = 5
_MEANWHILE = 500
_ENTRY_TEXT, _ENTRY_LINE, _ENTRY_LINES = 500, 240, 900
_MARK = {
    Grade.OFFICIAL: ":large_green_circle:",
    Grade.FILING: ":large_green_circle:",
    Grade.PRIMARY_DATA: ":large_blue_circle:",
    Grade.LEAK: ":large_purple_circle:",
    Grade.REPORT: ":white_circle:",
    Grade.RUMOUR: ":large_yellow_circle:",
    Grade.OPINION: ":black_circle:",
}
_MARKED = (Event.UPGRADE, Event.UPDATE, Event.CORRECTION)
_TONE_MARK = {"info": "", "done": "white_check_mark", "error": "warning"}


def render(message: Message) -> Rendered:
    match message:
        case AlertMessage():
            return _alert(message)
        case DigestMessage():
            return _digest(message)
        case NoticeMessage():
            return _notice(message)
        case _:
            assert_never(message)


def _grade(said: Wording, grade: Grade, previous: Grade | None = None) -> str:
    before = f"{said.grade(previous)} → " if previous else ""
    return f"{_MARK[grade]} {before}*{said.grade(grade)}*"


def _event(said: Wording, event: Event) -> str:
    """What kind of news this is, where it is not the first."""
    return said(event.value) if event in _MARKED else ""


def _alert(message: AlertMessage) -> Rendered:
    said = wording(message.place.locale)
    word = f"{kind}: " if (kind := _event(said, message.event)) else ""
    head = [*call(message.place.mention), *([words(word)] if word else [])]
    summary = trim(clean(message.summary), _SUMMARY)
    answers = [trim(clean(answer).replace(" -> ", " → "), _ANSWER) for answer in message.answers[:_ANSWERS]]
    blocks: list[Block] = [
        rich(*head, *title_elements(message.title, message.url, limit=_TITLE)),
        _facts(message, said),
        *([rich(words(summary))] if summary else ()),
        *(rich(words(f"➜ {answer}", bold=True)) for answer in answers if answer),
        *([context(*_original(message, said))] if message.site or message.tags else ()),
        *([_outlets(message, said)] if message.outlets else ()),
        *(
            [context(f"{said('meanwhile')}: {escaped(message.meanwhile, _MEANWHILE)}")]
            if message.meanwhile
            else ()
        ),
        *_controls(message),
    ]
    return Rendered(blocks=tuple(blocks), text=_alert_text(message, word))


def _controls(message: AlertMessage) -> list[Block]:
    """What one can do about the alert: a row that leads on, a row of feedback. The command, where it is no stored
    alert (a sample, a replay)."""
    if not message.alert:
        return [context(f"#{message.story} · who says so: /tipoff why {message.story}")]
    shown = alert_buttons(message)
    leading = [button for button in shown if button.command != "feedback"]
    feedback = [button for button in shown if button.command == "feedback"]
    return [*buttons(leading), *buttons(feedback, start=len(leading))]


def _facts(message: AlertMessage, said: Wording) -> Block:
    by = escaped(message.publisher, _NAME)
    if author := escaped(message.author, _NAME):
        by = f"{by} ({author})" if by else author
    topics = escaped(", ".join(message.topics), 2 * _NAME)
    confirmed = said("independent", n=message.witnesses) if message.witnesses > 1 else ""
    number = f"#{message.story}" if message.alert else ""
    when = date(message.published, message.place.zone)
    return context(_grade(said, message.grade, message.previous_grade), confirmed, by, topics, when, number)


def _original(message: AlertMessage, said: Wording) -> list[str]:
    site = f"{said('original')}: {link(message.site, message.url, _NAME)}" if message.site else ""
    return [site, f"{said('tags')}: {escaped(', '.join(message.tags), 2 * _NAME)}" if message.tags else ""]


def _outlets(message: AlertMessage, said: Wording) -> Block:
    shown = [
        f"{link(outlet.publisher, outlet.url, _NAME)} ({said.grade(outlet.grade)})"
        for outlet in message.outlets[: MAX_CONTEXT_ELEMENTS - 2]
        if clean(outlet.publisher)
    ]
    left = len(message.outlets) - len(shown)
    return context(said("also"), *shown, said("more", n=left) if left else "")


def _alert_text(message: AlertMessage, word: str) -> str:
    said = wording(message.place.locale)
    by = " · ".join(
        part
        for part in (trim(clean(message.publisher), _NAME), said.grade(message.grade), f"#{message.story}")
        if part
    )
    lines = [
        f"{word}{trim(clean(message.title), _TITLE) or said('untitled')}",
        by,
        trim(clean(message.summary), _SUMMARY),
        *(f"➜ {trim(clean(answer), _ANSWER)}" for answer in message.answers[:_ANSWERS]),
        f"{said('meanwhile')}: {trim(clean(message.meanwhile), _MEANWHILE)}" if message.meanwhile else "",
    ]
    return _text(lines, url=message.url, place=message.place)


def _text(lines: list[str], *, url: str = "", place: Place | None = None) -> str:
    """The plain form; a link stays whole or is left out."""
    target = safe_url(url) if url else None
    tail = f"\n<{target.replace('&', '&amp;')}>" if target and len(target) < MAX_TEXT // 3 else ""
    called = place.mention if place and is_user_group(place.mention) else ""
    start = f"<!subteam^{called}> " if called else ""
    body = "\n".join(line for line in lines if line) or "-"
    return start + escaped_only(body, MAX_TEXT - len(start) - len(tail)) + tail


def _digest(message: DigestMessage) -> Rendered:
    said = wording(message.place.locale)
    groups = [
        [
            rich(*title_elements(entry.title, entry.url, limit=_TITLE)),
            context(
                _grade(said, entry.grade),
                _event(said, entry.event),
                escaped(entry.publisher, _NAME),
                escaped(", ".join(entry.topics), 2 * _NAME),
                date(entry.published, message.place.zone),
                f"#{entry.story}",
            ),
        ]
        for entry in message.entries
    ]
    reason = trim(clean(message.reason), _NOTICE)
    head = [header(message.title), *([context(escaped(reason, _NOTICE))] if reason else ())]
    if called := call(message.place.mention):
        head.insert(1, rich(*called))
    blocks = fitted(head, groups, more=said("more_latest", n="{count}", command="/tipoff latest"))
    lines = [trim(clean(message.title), _TITLE), reason]
    lines += [
        f"• {trim(clean(entry.title), _NAME)} ({said.grade(entry.grade)}) #{entry.story}"
        for entry in message.entries
    ]
    return Rendered(blocks=blocks, text=_text(lines, place=message.place))


def _notice(message: NoticeMessage) -> Rendered:
    title = trim(clean(message.title), _TITLE) or "-"
    lines = message.text.split("\n")[:_NOTICE_LINES]
    text = "\n".join(trim(clean(line), _NOTICE // len(lines)) for line in lines)
    blocks = [rich(words(f"{title}\n", bold=True), words(text))] if text else [rich(words(title, bold=True))]
    return Rendered(blocks=tuple(blocks), text=_text([title, text]))


def render_reply(reply: Reply) -> Rendered:
    """An answer to a command. What does not fit is counted, never silently dropped."""
    title = trim(clean(reply.title), _TITLE) or "-"
    mark = _TONE_MARK[reply.tone]
    head: list[Block] = [rich(*([emoji(mark), words(" ")] if mark else ()), words(title, bold=True))]
    if text := trim(clean(reply.text), _NOTICE):
        head.append(rich(words(text)))
    tail = [*selects(reply.selects), *buttons(reply.buttons)]
    blocks = fitted(head, [[_entry(entry)] for entry in reply.entries], tail, more="and {count} more")
    lines = [title, text, *(f"• {trim(clean(entry.title), _NAME)}" for entry in reply.entries)]
    return Rendered(blocks=blocks, text=_text(lines))


def _entry(entry: Entry) -> Block:
    """One block an entry, so that fifty of them still fit."""
    elements = title_elements(entry.title, entry.url, limit=_TITLE)
    if entry.grade is not None:
        elements = [emoji(_MARK[entry.grade].strip(":")), words(" "), *elements]
    facts = " · ".join(fact for fact in map(clean, entry.facts) if fact)
    if facts:
        elements.append(words("\n" + trim(facts, _ENTRY_TEXT)))
    if text := trim(clean(entry.text), _ENTRY_TEXT):
        elements.append(words("\n" + text))
    lines = [f"› {trim(line, _ENTRY_LINE)}" for line in map(clean, entry.lines) if line]
    if lines:
        elements.append(words("\n" + trim("\n".join(lines), _ENTRY_LINES)))
    return rich(*elements)


def as_slack_commands(reply: Reply, names: tuple[str, ...], *, entries: bool) -> Reply:
    """Name commands as they are typed in Slack: ``/latest`` becomes ``/tipoff latest``.

    ``entries``: also in the titles of the entries, which are the program's own only in the help.
    """
    changed = (
        tuple(replace(entry, title=slack_text(entry.title, names)) for entry in reply.entries)
        if entries
        else reply.entries
    )
    title, text = slack_text(reply.title, names), slack_text(reply.text, names)
    return replace(reply, title=title, text=text, entries=changed)
