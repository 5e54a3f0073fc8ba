"""Buttons, lists and forms as Discord's components. Pure: values in, JSON-ready dicts out.

Limits: https://discord.com/developers/docs/components/reference. Every id says by itself what it does
(``handlers.actions``), so that a button works after any restart.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.delivery.contract import AlertMessage
from handlers.actions import MOST_CHARACTERS, alert_buttons, encoded, encoded_select
from handlers.discord.text import plain, safe_url
from handlers.replies import Button, Field, Form, Select

Component = dict[str, Any]

#: Of a message: five rows, each of five buttons or one list.
MOST_ROWS, ROW = 5, 5
_LABEL, _URL, _HINT, _CHOICES = 80, 512, 150, 25
_MODAL_TITLE, _FIELD_LABEL, _FIELD_HINT, _FIELD_VALUE, _FIELDS = 45, 45, 100, 4000, 5
_ACTION_ROW, _BUTTON, _SELECT, _INPUT, _LABELLED = 1, 2, 3, 4, 18
_LINK_STYLE = 5
_STYLES = {"main": 1, "plain": 2, "danger": 4}


def reply_rows(buttons: Sequence[Button], selects: Sequence[Select] = ()) -> list[Component]:
    """What stands under an answer: lists first, then buttons, in the order given, as far as a message holds them."""
    made = [each for select in selects if (each := _select(select))]
    # Each id once: Discord refuses a message in which one comes twice.
    lists = {each["custom_id"]: [each] for each in made}
    below = [each for each in _buttons(buttons) if each.get("custom_id") not in lists]
    return _rows([*lists.values(), *_portions(below)])


def alert_rows(message: AlertMessage) -> list[Component]:
    """What stands under an alert: the buttons that lead on, and those for feedback below. None under a sample, which
    nothing is stored of."""
    if not message.alert:
        return []
    buttons = alert_buttons(message)
    leading = [button for button in buttons if button.command != "feedback"]
    feedback = [button for button in buttons if button.command == "feedback"]
    return _rows([*_portions(_buttons(leading)), *_portions(_buttons(feedback))])


def modal(form: Form) -> Component:
    """A form as a modal. Raises ``ValueError`` when its fixed options are too long for an id."""
    sent_off = Button(label="", command=form.command, options=form.options)
    return {
        "custom_id": encoded(sent_off),
        "title": plain(form.title, _MODAL_TITLE) or "Tipoff",
        "components": [_field(field) for field in form.fields[:_FIELDS]],
    }


def submitted(components: Iterable[Component]) -> dict[str, str]:
    """What was filled into a modal, by the fields' names."""
    found: dict[str, str] = {}
    for component in components:
        inner = component.get("component")
        held = [inner] if isinstance(inner, dict) else component.get("components") or []
        for field in held:
            values = field.get("values")
            chosen = str(values[0]) if values else ""
            found[str(field.get("custom_id"))] = str(field.get("value") or chosen)
    return found


def _rows(rows: Iterable[list[Component]]) -> list[Component]:
    return [{"type": _ACTION_ROW, "components": row} for row in rows if row][:MOST_ROWS]


def _portions(buttons: list[Component]) -> Iterable[list[Component]]:
    return (buttons[at : at + ROW] for at in range(0, len(buttons), ROW))


def _buttons(buttons: Iterable[Button]) -> list[Component]:
    """Each once: Discord refuses a message in which an id comes twice."""
    made = {
        str(each.get("custom_id") or each["url"]): each for button in buttons if (each := _button(button))
    }
    return list(made.values())


def _button(button: Button) -> Component | None:
    """None for a link that is not fit to be one."""
    made: Component = {"type": _BUTTON, "label": plain(button.label, _LABEL) or "…"}
    if button.url:
        address = safe_url(button.url, limit=_URL)
        return {**made, "style": _LINK_STYLE, "url": address} if address else None
    return {**made, "style": _STYLES[button.style], "custom_id": encoded(button)}


def _select(select: Select) -> Component | None:
    try:
        custom_id = encoded_select(select)
    except ValueError:
        return None  # nothing could say what a choice means
    choices = {
        value: plain(label, 100) or value
        for value, label in select.choices
        if 1 <= len(value) <= MOST_CHARACTERS
    }
    if not choices:
        return None
    return {
        "type": _SELECT,
        "custom_id": custom_id,
        "placeholder": plain(select.hint, _HINT),
        "options": [{"value": value, "label": label} for value, label in list(choices.items())[:_CHOICES]],
    }


def _field(field: Field) -> Component:
    made: Component = {"type": _LABELLED, "label": plain(field.label, _FIELD_LABEL) or field.name}
    if field.choices:
        options = [{"value": each, "label": each, "default": each == field.value} for each in field.choices]
        made["component"] = {
            "type": _SELECT, "custom_id": field.name, "required": field.required,
            "min_values": int(field.required), "options": options[:_CHOICES],
        }  # fmt: skip
        if field.hint:
            made["component"]["placeholder"] = plain(field.hint, _HINT)
        return made
    made["component"] = {
        "type": _INPUT, "custom_id": field.name, "style": 2 if field.long else 1, "required": field.required,
        "value": field.value[:_FIELD_VALUE],
    }  # fmt: skip
    if field.hint:
        made["component"]["placeholder"] = plain(field.hint, _FIELD_HINT)
    return made
