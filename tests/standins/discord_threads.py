"""Threads, forum posts and published messages of the Discord stand-in."""

import time
from collections import deque
from collections.abc import Callable

from tests.standins.discord_limits import Refused
from tests.standins.discord_payloads import BOT_ID, Channel, Json

#: Discord's own: ten published messages an hour in each channel.
PUBLISHED, PUBLISHED_SPAN_S = 10, 3600.0


class Threads:
    """``create`` puts a message into a channel, as for anybody who writes there."""

    def __init__(self, channels: dict[str, Channel], create: Callable[[str, Json], Json]) -> None:
        self._channels = channels
        self._create = create
        self._published: dict[str, deque[float]] = {}
        self.published_span_s = PUBLISHED_SPAN_S

    def under_message(self, channel: Channel, message_id: str, body: Json) -> Json:
        if "create_public_threads" in channel.denied:
            raise Refused(403, 50013, "Missing Permissions")
        if message_id in self._channels:
            raise Refused(400, 160004, "A thread has already been created for this message")
        if all(row["id"] != message_id for row in channel.messages):
            raise Refused(404, 10008, "Unknown Message")
        return self._begin(channel, message_id, body).payload()

    def post(self, forum: Channel, body: Json, new_id: str) -> Json:
        if forum.kind != "forum":
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if "send_messages" in forum.denied:
            raise Refused(403, 50013, "Missing Permissions")
        tags = body.get("applied_tags") or []
        if forum.needs_tag and not tags:
            raise Refused(400, 40067, "A tag is required to create a forum post in this channel")
        known = [tag["id"] for tag in forum.tags]
        if any(tag not in known for tag in tags):
            raise Refused(400, 50035, "Unknown tag")
        thread = self._begin(forum, new_id, body)
        thread.applied_tags = tags
        first = self._create(thread.id, body["message"])
        first["id"] = thread.messages[0]["id"] = thread.id  # a post and its first message are one
        return {**thread.payload(), "message": first}

    def active(self) -> Json:
        running = [
            c.payload() for c in self._channels.values() if c.kind == "thread" and not (c.gone or c.archived)
        ]
        return {"threads": running, "members": [], "has_more": False}

    def archived(self, parent: Channel) -> Json:
        put_away = [c.payload() for c in self._channels.values() if c.parent == parent.id and c.archived]
        return {"threads": put_away, "members": [], "has_more": False}

    def publish(self, channel: Channel, message_id: str) -> Json:
        if channel.kind != "announcement":
            raise Refused(400, 50068, "Invalid message type")
        message = next((row for row in channel.messages if row["id"] == message_id), None)
        if message is None:
            raise Refused(404, 10008, "Unknown Message")
        if message["flags"] & 1:
            raise Refused(400, 40033, "This message has already been crossposted")
        times = self._published.setdefault(channel.id, deque())
        now = time.monotonic()
        while times and times[0] <= now - self.published_span_s:
            times.popleft()
        if len(times) >= PUBLISHED:
            raise Refused(
                429, 0, "You are being rate limited.", retry_after=times[0] + self.published_span_s - now
            )
        times.append(now)
        message["flags"] |= 1
        return message

    def _begin(self, parent: Channel, new_id: str, body: Json) -> Channel:
        thread = Channel(
            id=new_id,
            kind="thread",
            name=body["name"],
            parent=parent.id,
            owner=BOT_ID,
            denied=set(parent.denied),
        )
        self._channels[thread.id] = thread
        return thread
