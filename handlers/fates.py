"""What became of a link, in words."""

from bot.delivery.fate import Fate
from bot.judgement.explain_topics import TopicNote
from bot.model import Catalog, Event
from handlers.answers import counted
from handlers.replies import Button, Entry, Reply
from handlers.why import item_entry

_NOTES_SHOWN = 4


def fate_reply(found: Fate, catalog: Catalog) -> Reply:
    """From "not seen" to "told here at": one line a step."""
    item, story = found.item, found.story
    if item is None:
        return Reply(
            title="Not seen",
            text=f"No source that Tipoff reads has shown this link: {found.url}. Either none lists it, or it came "
            "before Tipoff looked. /sources shows what is read, /source add reads one more.",
            tone="error",
        )
    seen = item_entry(item, found.alert, catalog)
    if item.event is Event.NONE:
        lines = [_note(note) for note in found.notes[:_NOTES_SHOWN]] or ["it has no word of any topic"]
        return Reply(
            title="Seen, and on no topic", entries=(seen, Entry(title="What kept it out", lines=tuple(lines)))
        )
    outlets = ""
    if story is not None:
        role = "This link is one of" if found.merged else "This link leads"
        outlets = f"{role} {counted(story.items, 'item')} from {counted(len(story.outlets), 'outlet')}."
    entries = [seen, Entry(title="This channel", lines=tuple(_here(found)))]
    number = (("story", str(item.story)),)
    return Reply(
        title=f"#{item.story} {story.title if story is not None else item.title}",
        text=f"{_headline(found)}. {outlets}".strip(),
        entries=tuple(entries),
        buttons=(
            Button(label="Why", command="why", options=number),
            Button(label="Story", command="story", options=number),
        ),
    )


def _headline(found: Fate) -> str:
    item = found.item
    mine = [one for one in found.here if item is not None and one.item == item.id]
    if any(one.state == "sent" for one in mine):
        return "Told here"
    if found.held_until is not None:
        return f"Held until {found.held_until:%d %b %H:%M} UTC"
    if found.alert is None:
        return "Seen, and no alert of its own"
    return "Not told here"


def _here(found: Fate) -> list[str]:
    lines = [f"Not told here: {reason}" for reason in found.kept]
    for one in found.here:
        what = "this item" if found.item is not None and one.item == found.item.id else "the story"
        how = "in a digest" if one.digest else "by itself"
        why = f" ({one.folded_for})" if one.folded_for else ""
        if one.waits:
            lines.append(f"{what} waits until {one.due:%d %b %H:%M} UTC, {how}{why}")
        elif one.state == "sent":
            lines.append(f"{what} was told {one.due:%d %b %Y %H:%M} UTC, {how}{why}")
        else:
            lines.append(f"{what} was not sent: {one.state}")
    if found.alert is None and found.item is not None:
        reason = found.item.reasons[-1] if found.item.reasons else "its reasons are no longer kept"
        lines.append(f"no alert of its own: {reason.removeprefix('not told: ')}")
    return lines or ["nothing of it was told here"]


def _note(note: TopicNote) -> str:
    terms = ", ".join(f"“{term.term}”" for term in note.terms[:4])
    return f"{note.topic}: " + "; ".join(filter(None, (f"it has {terms}" if terms else "", *note.refused)))
