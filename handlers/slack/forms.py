"""Forms as Slack's modals, and what a person wrote into one. Pure."""

from collections.abc import Mapping
from typing import Any

from handlers.actions import encoded
from handlers.replies import Button, Field, Form
from handlers.requests import CommandSpec, Option
from handlers.slack.blocks import MAX_OPTION_VALUE, Block, option, plain
from handlers.slack.markup import clean, trim, width
from handlers.slack.origin import Origin, metadata

# https://docs.slack.dev/reference/views/modal-views and /reference/block-kit
MAX_TITLE, MAX_LABEL, MAX_HINT, MAX_PLACEHOLDER, MAX_INPUT, MAX_FIELDS = 24, 150, 1000, 150, 3000, 90
CALLBACK = "tipoff-form"
#: Lists whose choices we are asked for while somebody types are called so, followed by the kind of suggestion.
SUGGEST = "suggest:"
_VALUE = "value"
#: Suggestions of these kinds are only some of what may be typed.
OPEN_KINDS = frozenset({"story", "subject", "given-source"})


def view(form: Form, origin: Origin, spec: CommandSpec | None) -> dict[str, Any]:
    """The modal; ``spec`` says of which fields the choices can be suggested. Raises ``UserError`` when what it must
    keep is too long."""
    known = {item.name: item for item in spec.options} if spec else {}
    # No button holds it, so the limit of a button's id does not bind; its form does.
    meant = encoded(Button(label="", command=form.command))
    pairs = "".join(f"|{name}={_quoted(value)}" for name, value in form.options)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": metadata(origin, meant + pairs),
        "title": plain(form.title, MAX_TITLE),
        "submit": plain("Send", MAX_TITLE),
        "close": plain("Cancel", MAX_TITLE),
        "blocks": [_input(field, known.get(field.name)) for field in form.fields[:MAX_FIELDS]],
    }


def _quoted(value: str) -> str:
    return value.replace("%", "%25").replace("|", "%7C").replace("=", "%3D")


def _input(field: Field, known: Option | None) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field.name,
        "label": plain(field.label, MAX_LABEL),
        "optional": not field.required,
        "element": _element(field, known),
    }
    if field.hint:
        block["hint"] = plain(field.hint, MAX_HINT)
    return block


def _element(field: Field, known: Option | None) -> Block:
    if field.choices:
        choices = [option(choice, choice) for choice in field.choices]
        chosen = next((item for item in choices if item["value"] == field.value), None)
        return _with_initial({"type": "static_select", "action_id": _VALUE, "options": choices}, chosen)
    if known is not None and known.autocomplete and width(field.value) <= MAX_OPTION_VALUE:
        chosen = option(field.value, field.value) if field.value else None
        asked = {
            "type": "external_select",
            "action_id": SUGGEST + known.autocomplete,
            "min_query_length": 0,
            "placeholder": plain("Type to search", MAX_PLACEHOLDER),
        }
        return _with_initial(asked, chosen)
    element: Block = {
        "type": "plain_text_input",
        "action_id": _VALUE,
        "multiline": field.long,
        "max_length": MAX_INPUT,
    }
    if field.value:
        element["initial_value"] = trim(clean(field.value), MAX_INPUT)
    return element


def _with_initial(element: Block, chosen: Block | None) -> Block:
    return element if chosen is None else {**element, "initial_option": chosen}


def form_of(spec: CommandSpec, given: Mapping[str, str]) -> Form:
    """A form with every option of a command, for who called it without what it needs."""
    fields = tuple(
        Field(
            name=item.name,
            label=item.name.replace("-", " ").capitalize(),
            value=given.get(item.name, ""),
            hint=item.description,
            required=item.required,
            choices=item.choices,
        )
        for item in spec.offered
    )
    return Form(title=f"Tipoff: {spec.name}", command=spec.name, fields=fields)


def lacks_something(spec: CommandSpec, given: Mapping[str, str]) -> bool:
    """Whether an option that must be given is not."""
    return any(item.required and not given.get(item.name, "").strip() for item in spec.options)


def written(body: Mapping[str, Any]) -> dict[str, str]:
    """What stands in a form that was sent off, by field; "" for what was left empty."""
    found: dict[str, str] = {}
    view_state = body.get("view", {}).get("state", {}).get("values", {})
    for name, elements in view_state.items():
        for element in elements.values():
            chosen = element.get("selected_option") or {}
            found[str(name)] = str(element.get("value") or chosen.get("value") or "")
    return found
