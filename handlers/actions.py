"""Buttons that work for ever: what a press does stands in the button's own id, so nothing has to be remembered.

Both platforms give the id back: Discord as ``custom_id`` (100 characters at most), Slack as a button's ``value``.
"""

from urllib.parse import quote, unquote

from bot.delivery.contract import AlertMessage
from bot.delivery.wording import wording
from bot.errors import UserError
from handlers.replies import Button, Select

#: Discord's limit of a custom_id, https://discord.com/developers/docs/components/reference
MOST_CHARACTERS = 100
_MARK = "tipoff1"
#: What stands as it is; the rest, our separators among it, is percent-encoded.
_SAFE = " :/,.@+#?&="


def encoded(button: Button) -> str:
    """The id of a button that runs a command. Raises ``ValueError`` when it would be too long: see ``fits``."""
    flags = ("f" if button.form else "") + ("r" if button.replace else "")
    return _joined(flags, button.command, button.options)


def encoded_select(select: Select) -> str:
    """The id of a list; the option that the choice fills comes last, without a value."""
    return _joined("r" if select.replace else "", select.command, (*select.options, (select.option, "")))


def fits(button: Button) -> bool:
    """Whether its options are short enough for a button to hold them."""
    try:
        encoded(button)
    except ValueError:
        return False
    return True


def _joined(flags: str, command: str, options: tuple[tuple[str, str], ...]) -> str:
    pairs = (f"{name}={quote(value, safe=_SAFE)}" for name, value in options)
    text = "|".join([_MARK, flags, command, *pairs])
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"no button can hold {command} with {dict(options)}")
    return text


def decoded(text: str, chosen: str | None = None) -> Button:
    """What a press means (``chosen``: the value that was picked from a list). The label is empty. Raises ``UserError``
    for an id that is not ours: a button of a version that is no more."""
    mark, _, rest = text.partition("|")
    parts = rest.split("|")
    if mark != _MARK or len(parts) < 2:
        raise UserError("This button is of an older Tipoff. Ask again with the command.")
    flags, command, *pairs = parts
    options = [(name, unquote(value)) for name, _, value in (pair.partition("=") for pair in pairs)]
    if chosen is not None and options:
        options[-1] = (options[-1][0], chosen)
    return Button(label="", command=command, options=tuple(options), form="f" in flags, replace="r" in flags)


def alert_buttons(message: AlertMessage) -> tuple[Button, ...]:
    """What stands under an alert: the first row leads on, the second is feedback."""
    story = (("story", str(message.story)),)
    said = wording(message.place.locale)

    def verdict(label: str, value: str) -> Button:
        options = (("alert", str(message.alert)), ("verdict", value))
        return Button(label=said(label), command="feedback", options=options)

    return (
        Button(label=said("why"), command="why", options=story),
        Button(label=said("mute"), command="mute", options=story),
        *((Button(label=said("open"), url=message.url),) if message.url else ()),
        verdict("useful", "useful"),
        verdict("noise", "noise"),
        verdict("wrong", "wrong-story"),
    )
