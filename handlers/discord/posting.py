"""Where a message goes on Discord, and as what: a message in a channel or thread, or a post of a forum. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.delivery.contract import AlertMessage, Message
from handlers.discord import render
from handlers.discord.components import alert_rows
from handlers.discord.limits import CREATE_MESSAGE
from handlers.discord.text import plain

Payload = dict[str, Any]

#: https://docs.discord.com/developers/resources/channel#start-thread-in-forum-or-media-channel
CREATE_POST = "POST /channels/{channel_id}/threads"
CREATE_THREAD = "POST /channels/{channel_id}/messages/{message_id}/threads"
#: Discord's codes: a forum that takes no post without a tag; a message that has its thread already.
TAG_REQUIRED, THREAD_EXISTS = 40067, 160004
_THREAD_NAME, _MOST_TAGS = 100, 5
#: A thread's tag that only moderators may set.
_Tag = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to tell a message. ``spare``: when this one is closed, there is another."""

    channel_id: int
    forum: bool = False
    thread: bool = False
    reply: bool = True
    spare: bool = False

    @property
    def route(self) -> str:
        return CREATE_POST if self.forum else CREATE_MESSAGE


def rich(message: Message, way: Way, tags: Sequence[str] = ()) -> Payload:
    """The message as it should be."""
    body: Payload = {"embeds": [render.embed(message)], "allowed_mentions": _mentions(message)}
    if called := render.calls(message):
        body["content"] = called
    if isinstance(message, AlertMessage) and (rows := alert_rows(message)):
        body["components"] = rows
    return _framed(message, way, body, tags)


def bare(message: Message, way: Way, tags: Sequence[str] = ()) -> Payload:
    """The same without embed and buttons, for a place or a text that takes none."""
    body = {"content": render.content(message), "allowed_mentions": _mentions(message)}
    return _framed(message, way, body, tags)


def _framed(message: Message, way: Way, body: Payload, tags: Sequence[str]) -> Payload:
    if way.forum:
        # A post takes no nonce: an uncertain one is looked for among the forum's posts.
        post: Payload = {"name": thread_name(message), "message": body}
        return {**post, "applied_tags": list(tags)} if tags else post
    # The nonce makes Discord answer a repeat with the message that it already has.
    framed = {"nonce": message.token, "enforce_nonce": True, **body}
    reply_to = getattr(message, "reply_to", None)
    if way.reply and not way.thread and _is_id(reply_to):
        framed["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
    return framed


def _mentions(message: Message) -> Payload:
    """Nobody but the role that the channel chose, whatever the text says."""
    if isinstance(message, AlertMessage) and _is_id(message.place.mention):
        return {"parse": [], "roles": [message.place.mention]}
    return {"parse": []}


def thread_name(message: Message) -> str:
    """Of a post or thread: its story's headline. Shown as it is, so nothing is escaped."""
    return plain(message.title, _THREAD_NAME) or "(no title)"


def story_thread(message: Message) -> int | None:
    """The thread or post in which the story is told already."""
    return int(message.place.thread or 0) if _is_id(message.place.thread) else None


def opens_thread(message: Message) -> int | None:
    """The first alert of the story, when follow-ups shall go into a thread under it. The thread has its id."""
    place = message.place
    if place.threads and place.kind in ("", "text", "announcement") and isinstance(message, AlertMessage):
        return int(message.reply_to or 0) if _is_id(message.reply_to) else None
    return None


def tags_for(message: Message, offered: Iterable[_Tag], *, needed: bool) -> list[str]:
    """Ids of the forum's tags that say the message's grade or topic; the first that anybody may set, when one is
    needed and none fits."""
    free = [tag for tag in offered if not tag.get("moderated")]
    words = set()
    if isinstance(message, AlertMessage):
        words = {word.casefold() for word in (message.grade.value, *message.topics)}
    fitting = [str(tag["id"]) for tag in free if str(tag.get("name", "")).casefold() in words]
    if not fitting and needed and free:
        fitting = [str(free[0]["id"])]
    return fitting[:_MOST_TAGS]


def _is_id(text: str | None) -> bool:
    return bool(text) and str(text).isascii() and str(text).isdecimal() and len(str(text)) <= 20
