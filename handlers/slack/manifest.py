"""The app manifest: what Slack has to know of the app, from which it can be made in one step.

https://docs.slack.dev/reference/app-manifest
"""

from typing import Any

from handlers.slack.http_mode import EVENTS, REDIRECT
from handlers.specs import COMMANDS

#: Each scope, and what fails without it.
SCOPES = {
    "commands": "slash commands",
    "chat:write": "sending alerts",
    "channels:history": "looking up an uncertain message in a public channel",
    "groups:history": "the same in a private channel",
    "im:history": "the same in a direct message",
    "channels:read": "who made a public channel",
    "groups:read": "who made a private channel",
    "users:read": "who is a workspace admin",
    "im:write": "alerts and files for one person",
    "files:write": "pictures and exports",
}
EVENTS_ASKED = ("app_uninstalled", "tokens_revoked")
_DESCRIPTION = "Tells you once, with the evidence"
_LONG = (
    "Tipoff reads many public sources, groups what they say into stories, grades the proof, and tells a channel once: "
    "with the source, two sentences, and who else says so. Better proof follows in the thread. Type /tipoff help."
)
_HINT = "subscribe deepseek-v4 | latest | status | why 12 | help"


def manifest(*, url: str = "", installs: bool = False, separate: bool = False) -> dict[str, Any]:
    """For Socket Mode, or (``url``: the address from outside) for HTTP. ``installs``: many workspaces install it by
    OAuth, and their tokens are renewed. ``separate``: each command also by itself, as /tipoff-latest."""
    events = f"{url}{EVENTS}" if url else ""

    def command(name: str, description: str, hint: str) -> dict[str, Any]:
        # Escaped, so that a user group arrives as its id.
        made = {"command": name, "description": description, "usage_hint": hint, "should_escape": True}
        return {**made, "url": events} if events else made

    commands = [command("/tipoff", "Watch topics and ask about them", _HINT)]
    if separate:
        commands += [command(f"/tipoff-{name}", text, hint) for name, text, hint in _separate()]
    request_url = {"request_url": events} if events else {}
    oauth: dict[str, Any] = {"scopes": {"bot": list(SCOPES)}}
    if installs and url:
        oauth["redirect_urls"] = [f"{url}{REDIRECT}"]
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "Tipoff",
            "description": _DESCRIPTION,
            "long_description": _LONG,
            "background_color": "#1f2937",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Tipoff", "always_online": True},
            "slash_commands": commands,
        },
        "oauth_config": oauth,
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS_ASKED)},
            "interactivity": {
                "is_enabled": True,
                **request_url,
                **({"message_menu_options_url": events} if events else {}),
            },
            "org_deploy_enabled": installs,
            "socket_mode_enabled": not url,
            "token_rotation_enabled": installs,
        },
    }


def _separate() -> list[tuple[str, str, str]]:
    """Each first word with its description and hint: commands of two words share one."""
    found: dict[str, tuple[str, list[str]]] = {}
    for spec in COMMANDS:
        first, _, second = spec.name.partition(" ")
        needed = " ".join(f"<{option.name}>" for option in spec.options if option.required)
        hint = " ".join(part for part in (second, needed) if part)
        found.setdefault(first, (spec.description, []))[1].append(hint)
    return [
        (name, text, " | ".join(filter(None, hints)) or "no options needed")
        for name, (text, hints) in found.items()
    ]
