"""What Tipoff keeps, and how it is deleted."""

from handlers.answers import counted
from handlers.context import Context
from handlers.replies import Button, Entry, Reply
from handlers.requests import Request
from storage.kept import Kept, kept

#: A server that Tipoff left, or whose app was removed, is paused at once and deleted after this long.
DELETED_AFTER_DAYS = 30


async def privacy(context: Context, request: Request) -> Reply:
    """In plain words, with the numbers for this channel and this person."""
    async with context.database.reading() as conn:
        found = await kept(conn, request.channel, request.server, request.user)
    return Reply(
        title="What Tipoff keeps",
        text="Tipoff reads public sources. It does not read what people write here: it sees its commands, its buttons, "
        "and, before it repeats a send that was cut off, whether its own message is there.",
        entries=(
            Entry(title="About this channel", lines=_channel(found)),
            Entry(title="About you", lines=_person(found)),
            Entry(
                title="For how long",
                lines=(
                    "Until somebody ends it, or /forget does: at once.",
                    f"When Tipoff is removed from a server, its data rests and is deleted after {DELETED_AFTER_DAYS} "
                    "days.",
                    "Nothing is given to anybody else. Whoever runs this Tipoff can read its database.",
                ),
            ),
        ),
        buttons=(
            Button(label="Forget me", command="forget", options=(("what", "me"),), style="danger"),
            Button(
                label="Forget this channel",
                command="forget",
                options=(("what", "channel"),),
                style="danger",
                form=True,
            ),
        ),
    )


def _channel(found: Kept) -> tuple[str, ...]:
    return (
        f"its address, its name and time zone, {counted(found.subscriptions, 'subscription')} with their filters",
        f"{counted(found.deliveries, 'message')} that it was or is to be told, with the platform's message ids",
        f"{counted(found.mutes, 'mute')}, {counted(found.sources, 'added source')}, "
        f"{counted(found.feedback, 'answer')} to feedback buttons",
    )


def _person(found: Kept) -> tuple[str, ...]:
    return (
        f"your id on this platform, with {counted(found.by_person, 'thing')} that you set, changed or said of an alert",
        "no name, no address, no message of yours",
    )
