"""What Discord's refusals mean for a delivery."""

import pytest

from bot.delivery.contract import ChannelGone, Rejected, RetryAt
from handlers.discord.outcomes import TryPlain, refusal


@pytest.mark.parametrize(
    ("status", "code", "kind", "said"),
    [
        pytest.param(404, 10003, ChannelGone, "deleted", id="unknown channel"),
        pytest.param(403, 50001, ChannelGone, "View Channel", id="missing access"),
        pytest.param(403, 50007, ChannelGone, "direct messages", id="a person who takes no messages"),
        pytest.param(403, 50013, TryPlain, "", id="missing permissions: perhaps only for embeds"),
        pytest.param(400, 160005, ChannelGone, "locked", id="locked thread"),
        pytest.param(400, 50024, ChannelGone, "kind of channel", id="a channel that holds no messages"),
        pytest.param(400, 50035, TryPlain, "", id="invalid form"),
        pytest.param(413, 0, TryPlain, "", id="too large"),
        pytest.param(401, 0, RetryAt, "token", id="revoked token"),
        pytest.param(429, 0, RetryAt, "slow down", id="slow down"),
        pytest.param(503, 0, RetryAt, "503", id="unavailable"),
        pytest.param(403, 0, RetryAt, "403", id="refused by something in front of Discord"),
        pytest.param(404, 0, RetryAt, "404", id="a wrong address of the API"),
    ],
)
def test_first_refusal(status: int, code: int, kind: type, said: str) -> None:
    outcome = refusal(status=status, code=code, text="", retry_after_s=None, plain_tried=False)
    assert isinstance(outcome, kind)
    assert said in getattr(outcome, "reason", "")


def test_what_is_refused_in_plain_form_too_will_never_be_taken() -> None:
    outcome = refusal(status=400, code=50035, text="Invalid Form Body", retry_after_s=None, plain_tried=True)
    assert outcome == Rejected(reason="Discord answered 400 (50035): Invalid Form Body")


def test_a_missing_permission_is_named_when_it_is_known() -> None:
    told = refusal(
        status=403, code=50013, text="", retry_after_s=None, plain_tried=True, missing="Send Messages"
    )
    assert told == ChannelGone(reason="give Tipoff Send Messages here")
    unknown = refusal(status=403, code=50013, text="", retry_after_s=None, plain_tried=True)
    assert isinstance(unknown, ChannelGone)
    assert "Embed Links" in unknown.reason


def test_a_refused_token_is_asked_again_only_after_long() -> None:
    outcome = refusal(status=401, code=0, text="", retry_after_s=None, plain_tried=False)
    assert isinstance(outcome, RetryAt)
    assert (outcome.after_s or 0) >= 600


def test_what_discord_asks_for_is_passed_on() -> None:
    outcome = refusal(status=429, code=0, text="", retry_after_s=7.5, plain_tried=False)
    assert outcome == RetryAt(reason="Discord asks to slow down", after_s=7.5)
