"""What the stand-in for Slack remembers, and what each Web API method does to it."""

import json
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.standins.slack_controls import view_faults
from tests.standins.slack_oauth import SlackInstallations
from tests.standins.slack_spec import message_faults

#: How long a press may open a form (docs.slack.dev/interactivity/handling-user-interaction).
TRIGGER_S = 3.0

TEAM, BOT, BOT_USER = "T0TIPOFF", "B0TIPOFF", "U0TIPOFF"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-standin", "xapp-standin", "standin-signing-secret"


@dataclass(slots=True, kw_only=True)
class _Channel:
    creator: str = ""
    member: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""


class SlackWorkspace(SlackInstallations):
    """Channels, people and messages. ``faults``: what broke Slack's rules."""

    def __init__(self) -> None:
        super().__init__({BOT_TOKEN: TEAM})
        self.groups = ("S0DESK",)  # user groups, which may be called
        self.views: list[dict[str, Any]] = []  # forms that were opened
        self.files: dict[str, dict[str, Any]] = {}
        self._triggers: dict[str, float] = {}
        self.faults: list[str] = []
        self.page_size = 100
        self.origin = ""
        self.tickets = 0  # Socket Mode addresses handed out
        self._channels: dict[str, _Channel] = defaultdict(_Channel)
        self._users: dict[str, dict[str, Any]] = {}
        self._ts = 1_700_000_000.0

    def messages(self, channel_id: str) -> list[dict[str, Any]]:
        """What stands in the channel, oldest first, thread replies included."""
        return list(self._channels[channel_id].messages)

    def set_channel(
        self, channel_id: str, *, creator: str = "", member: bool = True, error: str = ""
    ) -> None:
        """``error``: what every call that names the channel is answered with."""
        channel = self._channels[channel_id]
        channel.creator, channel.member, channel.error = creator, member, error

    def add_message(self, channel_id: str, **entry: Any) -> str:
        """Put a message of somebody else into the channel, and return its ts."""
        ts = entry.setdefault("ts", self._next_ts())
        self._channels[channel_id].messages.append(entry)
        return str(ts)

    def delete_message(self, channel_id: str, ts: str) -> None:
        channel = self._channels[channel_id]
        channel.messages = [entry for entry in channel.messages if entry["ts"] != ts]

    def make_admin(self, user: str) -> None:
        self._users.setdefault(user, {})["is_admin"] = True

    def set_user(self, user: str, **marks: Any) -> None:
        self._users.setdefault(user, {}).update(marks)

    def perform(self, method: str, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        if method == "oauth.v2.access":
            return self.exchange(arguments)
        if method == "apps.connections.open":
            refused = "" if token == APP_TOKEN else "invalid_auth"
        else:
            refused = self.refusal(token)
        if refused:
            return {"ok": False, "error": refused}
        performed: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "auth.test": self._auth_test,
            "apps.connections.open": self._connections_open,
            "chat.postMessage": self._post_message,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.info": self._channel_info,
            "conversations.open": self._open_direct,
            "users.info": self._user_info,
            "views.open": self._open_view,
            "files.getUploadURLExternal": self._offer_upload,
            "files.completeUploadExternal": self._complete_upload,
        }
        channel = arguments.get("channel")
        if channel is not None and (error := self._channels[str(channel)].error):
            return {"ok": False, "error": error}
        answer = performed[method](arguments)
        if method == "auth.test":
            answer |= self.names(token)
        elif method == "chat.postMessage" and answer["ok"]:
            self._channels[arguments["channel"]].messages[-1]["team"] = self.tokens[token]
        return answer

    def new_trigger(self) -> str:
        """What a press brings along: it opens one form, within 3 s."""
        trigger = f"{len(self._triggers) + 1}.2.3"
        self._triggers[trigger] = time.monotonic()
        return trigger

    def upload(self, file: str, data: bytes) -> bool:
        """Bytes for an address that was handed out; whether they are as many as was said."""
        held = self.files[file]
        held["data"] = data
        return len(data) == held["length"]

    def _auth_test(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {
            "ok": True, "url": "https://tipoff.slack.com/", "user": "tipoff", "user_id": BOT_USER, "bot_id": BOT,
        }  # fmt: skip

    def _open_direct(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if not str(arguments.get("users", "")).startswith("U"):
            return {"ok": False, "error": "user_not_found"}
        return {"ok": True, "channel": {"id": f"D0{arguments['users']}"}}

    def _open_view(self, arguments: dict[str, Any]) -> dict[str, Any]:
        opened = self._triggers.pop(arguments["trigger_id"], None)
        if opened is None:
            return {"ok": False, "error": "exchanged_trigger_id"}
        if time.monotonic() - opened > TRIGGER_S:
            return {"ok": False, "error": "expired_trigger_id"}
        wrong = view_faults(arguments["view"])
        if wrong:
            self.faults += wrong
            return {"ok": False, "error": "invalid_arguments"}
        view = {**arguments["view"], "id": f"V{len(self.views)}"}
        self.views.append(view)
        return {"ok": True, "view": view}

    def _offer_upload(self, arguments: dict[str, Any]) -> dict[str, Any]:
        file = f"F{len(self.files)}"
        self.files[file] = {
            "name": arguments["filename"], "length": int(arguments["length"]), "alt": arguments.get("alt_txt"),
        }  # fmt: skip
        return {"ok": True, "upload_url": f"{self.origin}/upload/{file}", "file_id": file}

    def _complete_upload(self, arguments: dict[str, Any]) -> dict[str, Any]:
        shown = json.loads(arguments["files"])
        for entry in shown:
            held = self.files.get(entry["id"])
            if held is None or len(held.get("data", b"")) != held["length"]:
                return {"ok": False, "error": "file_not_found"}
            held["channel"], held["title"] = arguments.get("channel_id"), entry.get("title")
        return {"ok": True, "files": shown}

    def _connections_open(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.tickets += 1
        address = self.origin.replace("http", "ws", 1)
        return {"ok": True, "url": f"{address}/link?ticket={self.tickets}"}

    def _post_message(self, arguments: dict[str, Any]) -> dict[str, Any]:
        wrong = message_faults(arguments, groups=self.groups)
        if wrong:
            self.faults += wrong
            return {"ok": False, "error": "invalid_blocks"}
        channel = self._channels[arguments["channel"]]
        thread = arguments.get("thread_ts")
        if thread is not None and all(entry["ts"] != thread for entry in channel.messages):
            return {"ok": False, "error": "thread_not_found"}
        ts = self._next_ts()
        entry = {"type": "message", "bot_id": BOT, "user": BOT_USER, "ts": ts}
        entry |= {
            name: arguments[name] for name in ("text", "blocks", "metadata", "thread_ts") if name in arguments
        }
        channel.messages.append(entry)
        shown = {name: value for name, value in entry.items() if name != "metadata"}
        return {"ok": True, "channel": arguments["channel"], "ts": ts, "message": shown}

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        entries = self._channels[arguments["channel"]].messages
        top = [entry for entry in entries if entry.get("thread_ts") in (None, entry["ts"])]
        return self._page(list(reversed(top)), arguments)

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        thread = arguments["ts"]
        entries = self._channels[arguments["channel"]].messages
        if all(entry["ts"] != thread for entry in entries):
            return {"ok": False, "error": "thread_not_found"}
        return self._page(
            [entry for entry in entries if thread in (entry["ts"], entry.get("thread_ts"))], arguments
        )

    def _page(self, entries: list[dict[str, Any]], arguments: dict[str, Any]) -> dict[str, Any]:
        oldest = float(arguments.get("oldest", 0))
        found = [entry for entry in entries if float(entry["ts"]) > oldest]
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit", 100)), self.page_size)
        # Slack hands metadata out only on request.
        hidden = () if arguments.get("include_all_metadata") in ("1", "true", True) else ("metadata",)
        page = [{k: v for k, v in entry.items() if k not in hidden} for entry in found[start:end]]
        more = end < len(found)
        return {
            "ok": True, "messages": page, "has_more": more,
            "response_metadata": {"next_cursor": str(end) if more else ""},
        }  # fmt: skip

    def _channel_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        name = arguments["channel"]
        channel = self._channels[name]
        return {"ok": True, "channel": {"id": name, "creator": channel.creator, "is_member": channel.member}}

    def _user_info(self, arguments: dict[str, Any]) -> dict[str, Any]:
        name = arguments["user"]
        marks = {"is_admin": False, "is_owner": False, "tz": "Europe/Berlin"}
        if arguments.get("include_locale") in ("1", "true"):
            marks["locale"] = "de-DE"
        return {"ok": True, "user": {"id": name, **marks, **self._users.get(name, {})}}

    def _next_ts(self) -> str:
        self._ts = max(self._ts + 0.000001, time.time())
        return f"{self._ts:.6f}"
