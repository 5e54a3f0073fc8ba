"""What a form keeps from its opening to its sending off, and what a person wrote into it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import UserError
from handlers.actions import decoded
from handlers.replies import Field, Form
from handlers.slack.forms import form_of, lacks_something, view, written
from handlers.slack.origin import Origin, of_press, of_view
from handlers.specs import SPECS

ORIGIN = Origin(
    team="T1", channel="C7", user="U1", response_url="https://hooks.slack.com/x", trigger="1.2", thread="3.4"
)
FIELDS = (Field(name="words", label="Words"),)


def sent_off(shown: dict[str, object], user: str = "U2") -> dict[str, object]:
    return {"type": "view_submission", "team": {"id": "T1"}, "user": {"id": user}, "view": shown}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["topic", "story"]), st.text(max_size=60)), max_size=3))
def test_what_a_form_must_keep_comes_back_whole(pairs) -> None:
    form = Form(title="t", command="source add", fields=FIELDS, options=tuple(pairs))
    origin, meant = of_view(sent_off(view(form, ORIGIN, None)))
    pressed = decoded(meant)
    assert (pressed.command, pressed.options) == ("source add", tuple(pairs))
    # Whoever sends it off is who asks, where it was opened.
    assert (origin.user, origin.channel, origin.thread) == ("U2", "C7", "3.4")
    assert origin.response_url == ORIGIN.response_url


def test_what_slack_would_not_keep_is_refused_before_it_is_asked() -> None:
    form = Form(title="t", command="search", fields=FIELDS, options=(("text", "x" * 3000),))
    with pytest.raises(UserError, match="too long"):
        view(form, ORIGIN, None)


@pytest.mark.parametrize(
    "kept", ["", "{}", "[1]", "not json", '{"channel": "C1"}'], ids=["none", "empty", "list", "text", "part"]
)
def test_a_form_that_is_not_ours_says_what_to_do(kept) -> None:
    with pytest.raises(UserError, match="older Tipoff"):
        of_view(sent_off({"private_metadata": kept}))


def test_what_was_written_and_chosen_and_left_empty() -> None:
    state = {
        "words": {"value": {"type": "plain_text_input", "value": "price"}},
        "topic": {"suggest:topic": {"type": "external_select", "selected_option": {"value": "v4"}}},
        "mode": {"value": {"type": "static_select", "selected_option": None}},
        "lang": {"value": {"type": "plain_text_input", "value": None}},
    }
    body = {"view": {"state": {"values": state}}}
    assert written(body) == {"words": "price", "topic": "v4", "mode": "", "lang": ""}
    assert written({"view": {}}) == {}


def test_a_form_is_opened_only_for_what_must_be_given() -> None:
    assert lacks_something(SPECS["subscribe"], {"mode": "daily"})
    assert lacks_something(SPECS["subscribe"], {"topic": " "})
    assert not lacks_something(SPECS["subscribe"], {"topic": "v4"})
    assert not lacks_something(SPECS["latest"], {})


def test_what_was_typed_already_stands_in_the_form() -> None:
    shown = view(form_of(SPECS["subscribe"], {"mode": "daily", "words": "price"}), ORIGIN, SPECS["subscribe"])
    elements = {block["block_id"]: block["element"] for block in shown["blocks"]}
    assert elements["mode"]["initial_option"]["value"] == "daily"
    assert elements["words"]["initial_value"] == "price"
    assert elements["topic"]["type"] == "external_select"


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: st.dictionaries(
            st.sampled_from(
                ["team", "user", "channel", "id", "message", "container", "enterprise", "thread_ts"]
            ),
            inner,
            max_size=4,
        ),
        max_leaves=12,
    ).filter(lambda body: isinstance(body, dict))
)
def test_any_press_has_an_origin(body) -> None:
    origin = of_press(body)
    assert all(isinstance(part, str) for part in (origin.team, origin.channel, origin.user, origin.thread))
