"""Objects as Discord sends them, with the keys that discord.py reads."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Any

APPLICATION_ID = "900000000000000001"
BOT_ID = "900000000000000002"
GUILD_ID = "800000000000000001"
BOT = {
    "id": BOT_ID, "username": "tipoff", "discriminator": "0", "global_name": None, "avatar": None, "bot": True,
    "flags": 0, "public_flags": 0, "mfa_enabled": False, "locale": "en-US", "verified": True, "email": None,
}  # fmt: skip
APPLICATION = {
    "id": APPLICATION_ID, "name": "Tipoff", "icon": None, "description": "", "rpc_origins": [], "bot_public": True,
    "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": 0, "team": None, "owner": BOT, "summary": "",
}  # fmt: skip

#: Bits of Discord's permissions that matter here.
BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "create_public_threads": 1 << 35,
    "send_messages_in_threads": 1 << 38,
}
BOT_PERMISSIONS = sum(bit for name, bit in BITS.items() if not name.startswith(("administrator", "manage")))
_DISCORD_EPOCH_MS = 1420070400000


#: Discord's numbers of the kinds of channels that there are here.
TYPES = {"text": 0, "direct": 1, "announcement": 5, "thread": 11, "forum": 15}


@dataclass(slots=True)
class Channel:
    """A channel of the one server, or a direct message. ``denied`` names permissions that the bot lacks there."""

    id: str
    direct: bool = False
    gone: bool = False
    denied: set[str] = field(default_factory=set)
    messages: list[Json] = field(default_factory=list)
    nonces: dict[str, tuple[float, Json]] = field(default_factory=dict)
    kind: str = "text"
    name: str = ""
    parent: str | None = None
    owner: str = "7"
    tags: list[Json] = field(default_factory=list)
    needs_tag: bool = False
    applied_tags: list[str] = field(default_factory=list)
    archived: bool = False
    locked: bool = False

    def payload(self) -> Json:
        last = self.messages[-1]["id"] if self.messages else None
        if self.direct:
            return {"id": self.id, "type": 1, "last_message_id": last, "flags": 0, "recipients": [user("7")]}
        made: Json = {
            "id": self.id, "type": TYPES[self.kind], "guild_id": GUILD_ID, "name": self.name or f"channel-{self.id}",
            "flags": 0, "parent_id": self.parent, "last_message_id": last, "rate_limit_per_user": 0,
        }  # fmt: skip
        if self.kind == "thread":
            metadata = {
                "archived": self.archived, "auto_archive_duration": 4320, "locked": self.locked,
                "archive_timestamp": "2026-11-24T00:00:00+00:00",
            }  # fmt: skip
            return {
                **made, "owner_id": self.owner, "message_count": len(self.messages), "member_count": 1,
                "thread_metadata": metadata, "applied_tags": self.applied_tags,
            }  # fmt: skip
        deny = sum(BITS[name] for name in self.denied)
        overwrites = [{"id": GUILD_ID, "type": 0, "allow": "0", "deny": str(deny)}] if deny else []
        made |= {"position": 0, "permission_overwrites": overwrites, "nsfw": False, "topic": None}
        if self.kind == "forum":
            made |= {"available_tags": self.tags, "flags": (1 << 4) if self.needs_tag else 0}
        return made


class Ids:
    """Snowflakes of the real clock, always growing."""

    def __init__(self) -> None:
        self._last = 0

    def __call__(self) -> str:
        now = int(datetime.now(UTC).timestamp() * 1000) - _DISCORD_EPOCH_MS
        self._last = max(now << 22, self._last + 1)
        return str(self._last)


def user(user_id: str) -> Json:
    return {
        "id": user_id, "username": f"user{user_id}", "discriminator": "0", "avatar": None, "global_name": None,
        "flags": 0, "public_flags": 0,
    }  # fmt: skip


def member(of: Json, permissions: int | None = None) -> Json:
    made = {
        "user": of, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
        "nick": None, "avatar": None, "premium_since": None, "pending": False, "communication_disabled_until": None,
    }  # fmt: skip
    return made if permissions is None else {**made, "permissions": str(permissions)}


def guild(channels: list[Channel]) -> Json:
    everyone = {
        "id": GUILD_ID, "name": "@everyone", "color": 0, "hoist": False, "icon": None, "position": 0, "flags": 0,
        "permissions": str(BOT_PERMISSIONS), "managed": False, "mentionable": False,
    }  # fmt: skip
    return {
        "id": GUILD_ID, "name": "Test server", "icon": None, "splash": None, "owner_id": "7", "afk_timeout": 300,
        "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0,
        "roles": [everyone], "emojis": [], "features": [], "premium_tier": 0, "preferred_locale": "en-US",
        "nsfw_level": 0, "stickers": [], "large": False, "unavailable": False, "member_count": 2, "voice_states": [],
        "members": [member(BOT)], "presences": [], "stage_instances": [], "guild_scheduled_events": [],
        "channels": [each.payload() for each in channels if not each.direct and each.kind != "thread"],
        "threads": [each.payload() for each in channels if each.kind == "thread"], "soundboard_sounds": [],
        "joined_at": "2026-01-01T00:00:00+00:00", "system_channel_flags": 0, "premium_progress_bar_enabled": False,
    }  # fmt: skip


def message(body: Json, *, message_id: str, channel_id: str, author: Json, flags: int = 0) -> Json:
    return {
        "id": message_id, "channel_id": channel_id, "author": author, "content": body.get("content") or "",
        "timestamp": datetime.now(UTC).isoformat(), "edited_timestamp": None, "tts": False, "mention_everyone": False,
        "mentions": [], "mention_roles": [], "attachments": [], "pinned": False, "type": 0, "flags": flags,
        "embeds": [{"type": "rich", **embed} for embed in body.get("embeds") or []],
        "components": body.get("components") or [],
        **({"message_reference": body["message_reference"]} if body.get("message_reference") else {}),
    }  # fmt: skip


def interaction(
    data: Json,
    *,
    kind: int,
    interaction_id: str,
    token: str,
    channel: Channel,
    permissions: int,
    user_id: str,
    locale: str = "en-US",
) -> Json:
    """``kind`` 2 is a command, 3 a button or list, 4 an option that is being typed, 5 a form."""
    place: Json = (
        {"user": user(user_id), "context": 1}
        if channel.direct
        else {
            "member": member(user(user_id), permissions),
            "guild_id": GUILD_ID,
            "guild": {"id": GUILD_ID, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "context": 0,
        }
    )
    return {
        "id": interaction_id, "application_id": APPLICATION_ID, "type": kind, "token": token, "version": 1,
        "data": data, "channel_id": channel.id, "channel": channel.payload(), "locale": locale, "entitlements": [],
        "app_permissions": str(BOT_PERMISSIONS), "authorizing_integration_owners": {"0": GUILD_ID},
        "attachment_size_limit": 10485760, **place,
    }  # fmt: skip
