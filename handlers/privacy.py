"""What Tipoff keeps, and how it is deleted."""

from collections.abc import Mapping

from bot.errors import UserError
from handlers.answers import counted
from handlers.context import Context
from handlers.replies import Button, Entry, Reply
from handlers.requests import Request
from storage.forgetting import forget_channel, forget_person, forget_server, kept_about
from storage.servers import KEPT

#: What is deleted, in words.
_WHAT = {
    "me": "what names you: your direct messages from Tipoff with their subscriptions, and what you said of alerts",
    "channel": "this channel's subscriptions, settings, mutes, added sources and the record of what it was told",
    "server": "the same for every channel of this server",
}


async def privacy(context: Context, request: Request) -> Reply:
    """In plain words, with the numbers for this channel and this person."""
    async with context.database.reading() as conn:
        found = await kept_about(conn, request.channel, request.user)
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
                    f"When Tipoff is removed from a server, its data rests and is deleted after {KEPT.days} days.",
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
            ),
        ),
    )


async def forget(context: Context, request: Request) -> Reply:
    """Ask once more, then delete at once."""
    what = request.options["what"]
    if what != "me" and not (request.may_manage_server if what == "server" else request.may_manage):
        raise UserError(f"Only people who may manage the {what} can have its data deleted.")
    if what == "server" and not request.server:
        raise UserError("This is no server: forget what:channel deletes this conversation's data.")
    if not request.options.get("sure"):
        return Reply(
            title="Delete for good?",
            text=f"This deletes {_WHAT[what]}. It cannot be undone.",
            buttons=(
                Button(
                    label="Delete",
                    command="forget",
                    options=(("what", what), ("sure", "yes")),
                    style="danger",
                ),
            ),
        )
    async with context.database.transaction() as tx:
        if what == "me":
            gone = await forget_person(tx, request.user)
        elif what == "channel":
            gone = await forget_channel(tx, request.channel)
        else:
            gone = await forget_server(tx, request.server)
    told = ", ".join(f"{number} {name}" for name, number in gone.items()) or "there was nothing"
    return Reply(title="Deleted", text=f"{told[0].upper()}{told[1:]}.", tone="done")


def _channel(found: Mapping[str, int]) -> tuple[str, ...]:
    return (
        "its address, name and time zone, and "
        f"{counted(found['subscriptions'], 'subscription')} with their filters",
        f"{counted(found['messages'], 'message')} that it was or is to be told, with the platform's message ids",
        f"{counted(found['mutes'], 'mute')}, {counted(found['sources'], 'added source')}, "
        f"{counted(found['changes'], 'note')} of who changed what",
    )


def _person(found: Mapping[str, int]) -> tuple[str, ...]:
    return (
        f"your id on this platform, with {counted(found['your subscriptions'], 'subscription')} that you made and "
        f"{counted(found['your feedback'], 'answer')} to feedback buttons",
        "no name, no address, no message of yours",
    )
