"""The whole program beside a WebSub hub: told at once and once, not fooled, renewed, kept over a restart."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.program import Program, eventually
from tests.standins.websub_hub import Hub, call, open_hub, sign

_CATALOG = """
[[source]]
id = "wire"
name = "Wire"
kind = "rss"
url = "{base}/feed.xml"
mode = "stream"
topics = ["v4"]
every = "1h"
publisher = "Wire"

[[topic]]
id = "v4"
name = "DeepSeek V4"
any = ["deepseek v4"]
"""


@pytest.fixture
async def hub() -> AsyncIterator[Hub]:
    async with open_hub() as opened:
        opened.add(opened.entry("DeepSeek V4 rumours of the winter"))
        yield opened


@pytest.fixture
async def program(hub: Hub, tmp_path: Path) -> AsyncIterator[Program]:
    (tmp_path / "catalog.toml").write_text(_CATALOG.format(base=hub.base), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Program(
        tmp_path, TIPOFF_WEB_BIND=f"127.0.0.1:{port}", TIPOFF_PUBLIC_URL=f"http://127.0.0.1:{port}/"
    )
    try:
        yield program
    finally:
        if program.output:
            await program.stop()


async def subscribed(hub: Hub, program: Program) -> str:
    """Start, and wait for a verified subscription; gives its callback."""
    await program.start()
    await eventually(lambda: hub.held, what="a subscription at the hub")
    await eventually(lambda: hub.polls >= 2, what="the poll of what came before the hub pushed")
    return next(iter(hub.held))


async def test_an_item_is_told_when_the_hub_has_it_and_only_once(hub: Hub, program: Program) -> None:
    callback = await subscribed(hub, program)
    (form,) = hub.asked("subscribe")
    assert form["hub.topic"] == hub.topic
    assert len(callback.rpartition("/")[2]) >= 40
    assert 32 <= len(form["hub.secret"]) < 200
    assert form["hub.secret"] not in callback

    entry = hub.entry("DeepSeek V4 weights are on the hub")
    polls = hub.polls
    await hub.distribute(hub.document(entry))
    await eventually(lambda: "weights are on the hub" in program.output, within_s=5)
    assert hub.answers == [202]
    assert hub.polls == polls  # the document was enough

    hub.add(entry)  # now the poll brings it too: a thin ping makes it come
    await hub.distribute(hub.document())
    await eventually(lambda: hub.polls > polls)
    await hub.distribute(hub.document(hub.entry("DeepSeek V4 price list published"), entry))
    await eventually(lambda: "price list" in program.output)
    assert program.output.count("weights are on the hub") == 1
    for unsaid in (form["hub.secret"], callback.rpartition("/")[2]):
        assert unsaid not in program.output


async def test_who_is_not_the_hub_is_not_believed(hub: Hub, program: Program) -> None:
    callback = await subscribed(hub, program)
    secret = hub.held[callback].secret
    forged = hub.document(hub.entry("DeepSeek V4 forged"))
    token = callback.rpartition("/")[2]
    other = callback.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))

    assert await hub.send(callback, forged) == 202
    assert await hub.send(callback, forged, secret="another") == 202
    assert await hub.send(callback, forged, headers={"X-Hub-Signature": f"md5={'0' * 32}"}) == 202
    signed = sign(b"something else", secret)
    assert await hub.send(callback, forged, headers={"X-Hub-Signature": f"sha256={signed}"}) == 202
    assert await hub.send(other, forged, secret=secret) == 404
    assert await hub.send(callback.replace(token, "short"), forged, secret=secret) == 404

    challenge = {"hub.challenge": "c", "hub.lease_seconds": "60"}
    for query in (
        {"hub.mode": "unsubscribe", "hub.topic": hub.topic},  # never asked for
        {"hub.mode": "subscribe", "hub.topic": f"{hub.topic}?other"},
        {"hub.mode": "denied", "hub.topic": "https://other.example/"},
        {"hub.mode": "nonsense", "hub.topic": hub.topic},
        {},
    ):
        assert await call(callback, {**query, **challenge}) == (404, ""), query
    assert await call(other, {"hub.mode": "subscribe", "hub.topic": hub.topic, **challenge}) == (404, "")
    assert await call(callback, {"hub.mode": "subscribe", "hub.topic": hub.topic, **challenge}) == (200, "c")

    await hub.distribute(hub.document(hub.entry("DeepSeek V4 for real")), method="sha1")
    await eventually(lambda: "V4 for real" in program.output)
    assert "V4 forged" not in program.output


async def test_what_is_too_large_or_too_much_is_refused(hub: Hub, program: Program) -> None:
    callback = await subscribed(hub, program)
    secret = hub.held[callback].secret
    assert await hub.send(callback, b"x" * (8 * 2**20 + 1), secret=secret) == 413
    bomb = gzip.compress(hub.document(hub.entry("DeepSeek V4 bomb") + " " * (9 * 2**20)).encode())
    assert await hub.send(callback, bomb, secret=secret, headers={"Content-Encoding": "gzip"}) == 202
    packed = gzip.compress(hub.document(hub.entry("DeepSeek V4 weights are on the hub")).encode())
    assert await hub.send(callback, packed, secret=secret, headers={"Content-Encoding": "gzip"}) == 202
    await eventually(lambda: "weights are on the hub" in program.output)
    assert "larger than 8 MiB" in program.output
    assert "bomb" not in program.output
    statuses = [await hub.send(callback, "<rss/>") for _ in range(40)]
    assert statuses[:20] == [202] * 20
    assert 429 in statuses


async def test_a_short_lease_is_renewed_before_it_ends(hub: Hub, program: Program) -> None:
    hub.lease_s = 8
    callback = await subscribed(hub, program)
    first_end = hub.held[callback].until
    await eventually(lambda: hub.held[callback].until > first_end, within_s=8, what="a renewal in time")
    assert len(hub.held) == 1
    first, second = hub.asked("subscribe")
    assert first == second  # the same callback and secret


async def test_a_restart_keeps_the_subscription(hub: Hub, program: Program) -> None:
    callback = await subscribed(hub, program)
    await program.kill()
    missed = hub.entry("DeepSeek V4 price list published")
    hub.add(missed)
    await program.start()
    await eventually(lambda: "price list published" in program.output, what="what was missed is polled")
    await hub.distribute(hub.document(hub.entry("DeepSeek V4 weights are on the hub"), missed))
    await eventually(lambda: "weights are on the hub" in program.output)
    assert list(hub.held) == [callback]
    assert len(hub.asked("subscribe")) == 1
    assert program.output.count("price list published") == 1


async def test_another_hub_in_the_feed_is_followed_and_the_old_one_told(hub: Hub, program: Program) -> None:
    old = await subscribed(hub, program)
    hub.path = "/other-hub"
    hub.add(hub.entry("DeepSeek V4 moves house"))
    await hub.distribute(hub.document())
    await eventually(lambda: hub.asked("subscribe", "/other-hub"), what="the new hub was asked")
    (parting,) = hub.asked("unsubscribe")
    assert (parting["path"], parting["hub.callback"]) == ("/hub", old)
    assert "hub.secret" not in parting
    await eventually(lambda: hub.held and old not in hub.held)
    assert await hub.send(old, hub.document()) == 404


async def test_a_source_that_is_no_longer_pushed_ends_its_subscription(
    hub: Hub, program: Program, tmp_path: Path
) -> None:
    await subscribed(hub, program)
    await program.stop()
    polled = (tmp_path / "catalog.toml").read_text().replace('mode = "stream"\n', "")
    (tmp_path / "catalog.toml").write_text(polled)
    await program.start()
    await eventually(lambda: not hub.held, what="the hub was told")
    assert len(hub.asked("unsubscribe")) == 1


async def test_without_a_public_address_no_hub_is_asked(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text(_CATALOG.format(base=hub.base), encoding="utf-8")
    program = await Program(tmp_path, TIPOFF_WEB_BIND="127.0.0.1:0").start()
    try:
        await eventually(lambda: hub.polls and "rumours of the winter" in program.output)
        await asyncio.sleep(0.5)
        assert hub.requests == []
    finally:
        await program.stop()
