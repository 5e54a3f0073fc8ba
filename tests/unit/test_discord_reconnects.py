"""A gateway that closes every connection is not stormed; one that closes now and then is found again at once."""

from handlers.discord.reconnects import QUICK, SPAN_S, Reconnects


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def connections_within(seconds: float, *, shards: int = 1) -> int:
    """How many are made while each is closed at once."""
    clock = Clock()
    pace, made = Reconnects(lambda: shards, clock=clock), 0
    while clock.now < seconds:
        clock.now += pace.wait_s() + 0.01
        pace.note()
        made += 1
    return made


def test_a_gateway_that_closes_at_once_is_asked_ever_less_often() -> None:
    assert connections_within(1.0) == QUICK + 1
    assert connections_within(3600) < 3600 / 8


def test_each_shard_has_its_own_share() -> None:
    assert connections_within(1.0, shards=4) == 4 * QUICK + 1


def test_what_is_long_ago_is_forgotten() -> None:
    clock = Clock()
    pace = Reconnects(lambda: 1, clock=clock)
    for _ in range(2 * QUICK):
        pace.note()
    assert pace.wait_s() == 30.0
    clock.now += SPAN_S
    assert pace.wait_s() == 0.0
