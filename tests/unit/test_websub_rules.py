"""When hubs are asked, what a lease is, and whose signature counts."""

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest

from bot.flow.websub_inbox import is_signed
from bot.flow.websub_rules import LEASE, granted, next_ask
from bot.model import SourceId
from storage.websub import HubState, HubSubscription
from tests.builders import NOW

DAY = timedelta(days=1)
SECRET = "s" * 64


def a_subscription(state: HubState, **given: Any) -> HubSubscription:
    fields: dict[str, Any] = {
        "source_id": SourceId("wire"), "hub": "https://hub.example/", "topic_url": "https://wire.example/",
        "token": "token", "secret": SECRET, "state": state, "asked": NOW,
    }  # fmt: skip
    return HubSubscription(**{**fields, **given})


def test_a_lease_is_renewed_well_before_its_end_and_not_all_at_once() -> None:
    moments = {
        next_ask(a_subscription(HubState.ACTIVE, token=str(number), lease_until=NOW + 10 * DAY), tries=1)
        for number in range(50)
    }
    assert min(moments) >= NOW + 7.5 * DAY
    assert max(moments) <= NOW + 8.5 * DAY
    assert len(moments) > 25


def test_a_renewal_that_is_not_verified_is_asked_for_again_within_the_lease() -> None:
    asked, asks = NOW, 0
    while asks < 5:
        asked = next_ask(
            a_subscription(HubState.ACTIVE, asked=asked, lease_until=NOW + 10 * DAY), tries=asks + 1
        )
        asks += 1
        assert asked < NOW + 10 * DAY
    assert asked > NOW + 9.9 * DAY


def test_the_shortest_lease_does_not_make_a_storm() -> None:
    short = a_subscription(HubState.ACTIVE, lease_until=NOW + timedelta(seconds=1))
    assert next_ask(short, tries=0) == NOW + timedelta(seconds=5)
    over = a_subscription(HubState.ACTIVE, lease_until=NOW - DAY)
    assert next_ask(over, tries=0) == NOW + timedelta(seconds=5)


@pytest.mark.parametrize("state", [HubState.ASKED, HubState.FAILED])
def test_a_hub_that_fails_is_asked_less_and_less_often(state: HubState) -> None:
    waits = [next_ask(a_subscription(state), tries=tries) - NOW for tries in range(40)]
    assert waits[0] == waits[1] == timedelta(minutes=2)
    assert waits[2] == timedelta(minutes=4)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=12)


def test_other_states() -> None:
    assert next_ask(a_subscription(HubState.WANTED), tries=0) == NOW
    assert next_ask(a_subscription(HubState.DENIED), tries=3) == NOW + DAY
    assert next_ask(a_subscription(HubState.LEAVING), tries=0) == NOW + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("60", timedelta(minutes=1)), ("1", timedelta(seconds=1)), ("", LEASE), ("0", LEASE), ("-5", LEASE),
        ("1e3", LEASE), ("٣", LEASE), ("9" * 5000, 90 * DAY),
    ],
)  # fmt: skip
def test_a_lease_is_what_the_hub_says_within_reason(said: str, lease: timedelta) -> None:
    assert granted(said) == lease


def signature(method: str, body: bytes = b"body", secret: str = SECRET) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signature_of_each_method_counts(method: str) -> None:
    assert is_signed(b"body", signature(method), SECRET)
    assert is_signed(
        b"body", signature(method).replace(f"{method}=", f" {method.upper()}=").swapcase(), SECRET
    )
    assert not is_signed(b"Body", signature(method), SECRET)
    assert not is_signed(b"body", signature(method, secret="other"), SECRET)
    assert not is_signed(b"body", signature(method)[:-1], SECRET)


@pytest.mark.parametrize(
    "header",
    ["", "=", "sha256", "sha256=", "sha256=é", signature("md5"), signature("sha224"), "blake2b=00", "new=00"],
)
def test_anything_else_does_not(header: str) -> None:
    assert not is_signed(b"body", header, SECRET)
