"""docs/commands.md lists every command with every option.

``python -m tests.unit.test_commands_docs`` writes it anew.
"""

from pathlib import Path

from handlers.requests import CommandSpec, Option
from handlers.specs import COMMANDS

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """# Commands in chat

The same on both platforms. Discord: `/subscribe topic:deepseek-v4 mode:daily`, with suggestions while you type. Slack:
`/tipoff subscribe deepseek-v4 mode=daily`, or `/tipoff-subscribe …` where your app has separate commands. Answers are
private. Commands marked *manage* change the channel: they are for people who may manage it (Discord: Manage Channels;
Slack: the channel's creator and the workspace's owners and admins). In a direct message with Tipoff you are told alone.

What you name changes, the rest stays as it is; `off` (or `all` for `lang`) clears a filter. The terminal has most of
them too: `tipoff --help`. Messages speak the channel's language where Tipoff knows it (English, German, French,
Spanish, Chinese, Japanese: `/settings language:de`) and its time zone; what sources say is never translated.

"""


def rendered() -> str:
    return _HEAD + "\n".join(_command(spec) for spec in COMMANDS)


def _command(spec: CommandSpec) -> str:
    manage = " *(manage)*" if spec.needs_manage else ""
    shown = [option for option in spec.options if not option.hidden]
    lines = [f"## /{spec.name}{manage}", f"{spec.description}."]
    lines += [_option(option) for option in shown]
    return "\n".join(lines) + "\n"


def _option(option: Option) -> str:
    needed = "" if option.required else " *(optional)*"
    choices = f" One of: {', '.join(option.choices)}." if option.choices else ""
    return f"- `{option.name}`{needed}: {option.description}.{choices}"


def test_every_command_is_described_as_it_is() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered(), (
        "python -m tests.unit.test_commands_docs writes it anew"
    )


if __name__ == "__main__":
    PAGE.write_text(rendered(), encoding="utf-8")
