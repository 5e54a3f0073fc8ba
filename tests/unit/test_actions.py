"""What a press means stands in the button itself, and comes back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from handlers.actions import MOST_CHARACTERS, decoded, encoded, encoded_select, fits
from handlers.replies import Button, Select

_OPTIONS = st.lists(st.tuples(st.sampled_from(["story", "topic", "text"]), st.text(max_size=20)), max_size=3)


@given(_OPTIONS, st.booleans(), st.booleans())
def test_a_button_comes_back_as_it_was(options, form, replace) -> None:
    button = Button(label="", command="why", options=tuple(options), form=form, replace=replace)
    if not fits(button):
        with pytest.raises(ValueError, match="no button can hold"):
            encoded(button)
        return
    assert len(encoded(button)) <= MOST_CHARACTERS
    assert decoded(encoded(button)) == button


def test_a_choice_fills_the_last_option() -> None:
    select = Select(
        hint="", command="story", option="story", choices=(("7", "#7"),), options=(("page", "2"),)
    )
    assert decoded(encoded_select(select), "7").options == (("page", "2"), ("story", "7"))


@pytest.mark.parametrize("text", ["", "x", "tipoff0||why", "tipoff1", "tipoff1|"])
def test_a_foreign_id_is_said_to_be_old(text) -> None:
    with pytest.raises(UserError, match="older Tipoff"):
        decoded(text)
