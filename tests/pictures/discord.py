# ruff: noqa: E501 - style sheets and samples
"""Draws what each kind of message looks like in Discord: the very payloads that Tipoff sends, as a page, and a picture
of it by a headless Chromium.

    python -m tests.pictures.discord [chromium]
"""

import html
import re
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, NoticeMessage, Outlet, Place
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.discord.components import modal, reply_rows
from handlers.discord.posting import Way, bare, rich, thread_name
from handlers.discord.render import reply_pages
from handlers.replies import Button, Entry, Field, Form, Reply, Select

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
CHANNEL = ChannelKey("discord:55")
WAY = Way(channel_id=55)
NOW = datetime(2026, 11, 24, 9, 41, tzinfo=UTC)
WIDTH = 640
STYLE = """
body{margin:0;background:#313338;color:#dbdee1;font:15px/1.35 "gg sans","Noto Sans",Helvetica,Arial,sans-serif}
.m{padding:12px 16px 14px;width:608px;display:flex;gap:14px}.a{width:40px;height:40px;border-radius:50%;background:#5865f2;
color:#fff;display:flex;align-items:center;justify-content:center;font-weight:700;flex:none}.b{flex:1;min-width:0}
.n{font-weight:600;color:#f2f3f5}.app{background:#5865f2;border-radius:4px;font-size:10px;padding:1px 5px;margin:0 6px;
vertical-align:2px;color:#fff}.w{color:#949ba4;font-size:12px}.e{background:#2b2d31;border-left:4px solid;border-radius:4px;
padding:10px 14px 12px;margin-top:4px;max-width:490px}.au{font-size:13px;font-weight:600;color:#f2f3f5;margin-bottom:5px}
.t{font-weight:600;color:#f2f3f5;font-size:16px;margin-bottom:6px}.t a{color:#00a8fc}a{color:#00a8fc;text-decoration:none}
.d{font-size:14px;white-space:pre-wrap}.f{display:flex;flex-wrap:wrap;font-size:14px;margin-top:4px}.f>div{width:100%;
margin-top:6px;white-space:pre-wrap}.f>.i{width:33%}.k{font-weight:600;font-size:13px;color:#f2f3f5}
.o{color:#b5bac1;font-size:12px;margin-top:9px}.r{display:flex;gap:8px;margin-top:8px;flex-wrap:wrap}
.r span{background:#4e5058;color:#fff;padding:6px 14px;border-radius:4px;font-size:14px}.r .s1{background:#5865f2}
.r .s4{background:#da373c}.r .sel{width:400px;background:#1e1f22;color:#949ba4;border:1px solid #3f4147}
.p{background:#3d4270;color:#c9cdfb;border-radius:3px;padding:0 2px}.ts{background:#3a3c41;border-radius:3px;padding:0 2px}
.q{color:#b5bac1;font-size:13px;margin:0 0 3px}.eph{color:#949ba4;font-size:12px;margin-top:5px}
.modal{background:#313338;padding:18px;width:440px;border-radius:8px;margin:16px;border:1px solid #1e1f22}
.modal .x{background:#1e1f22;border-radius:4px;padding:9px;margin:4px 0 12px;font-size:14px}.h{color:#80848e}
.post{background:#2b2d31;border-radius:8px;padding:12px 16px;margin:12px 16px 0;width:576px;font-weight:600;font-size:17px}
"""


def shown(text: str) -> str:
    """Discord's mark-up, as far as Tipoff uses it."""
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[1])
        return f"\x00{len(kept) - 1}\x00"

    out = html.escape(re.sub(r"\\(.)", keep, text), quote=False)
    out = re.sub(r"&lt;t:(\d+):R&gt;", lambda match: f'<span class="ts">{ago(int(match[1]))}</span>', out)
    out = re.sub(r"&lt;@&amp;\d+&gt;", '<span class="p">@launch-watch</span>', out)
    out = re.sub(r"\[([^\]]*)\]\(([^)]*)\)", r'<a href="\2">\1</a>', out)
    out = re.sub(r"&lt;(https?://[^&]*)&gt;", r'<a href="\1">\1</a>', out)
    out = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", out)
    return re.sub("\x00(\\d+)\x00", lambda match: html.escape(kept[int(match[1])]), out)


def ago(moment: int) -> str:
    minutes = int((NOW.timestamp() - moment) // 60)
    return f"{minutes} minutes ago" if minutes < 60 else f"{minutes // 60} hours ago"


def embed(made: dict[str, Any]) -> str:
    title = shown(made.get("title", ""))
    if made.get("url"):
        title = f'<a href="{html.escape(made["url"])}">{title}</a>'
    fields = "".join(
        f'<div class="{"i" if field["inline"] else ""}"><div class="k">{field["name"]}</div>{shown(field["value"])}</div>'
        for field in made.get("fields", [])
    )
    parts = [
        ("au", html.escape(made.get("author", {}).get("name", ""))),
        ("t", title),
        ("d", shown(made.get("description", ""))),
        ("f", fields),
        (
            "o",
            html.escape(made.get("footer", {}).get("text", ""))
            + (" • Today at 10:41" if made.get("timestamp") else ""),
        ),
    ]
    inner = "".join(f'<div class="{name}">{text}</div>' for name, text in parts if text)
    return f'<div class="e" style="border-color:#{made["color"]:06x}">{inner}</div>'


def rows(components: list[dict[str, Any]]) -> str:
    out = ""
    for row in components:
        cells = "".join(
            f'<span class="s{each["style"]}">{html.escape(each["label"])}{" ↗" if each["style"] == 5 else ""}</span>'
            if each["type"] == 2
            else f'<span class="sel">{html.escape(each["placeholder"])} ▾</span>'
            for each in row["components"]
        )
        out += f'<div class="r">{cells}</div>'
    return out


def message(body: dict[str, Any], *, quoted: str = "", private: bool = False) -> str:
    reply = f'<div class="q">↱ <b>@Tipoff</b> {html.escape(quoted)}</div>' if quoted else ""
    content = f'<div class="d">{shown(body["content"])}</div>' if body.get("content") else ""
    embeds = "".join(embed(each) for each in body.get("embeds", []))
    below = '<div class="eph">👁 Only you can see this · Dismiss message</div>' if private else ""
    return (
        f'<div class="m"><div class="a">T</div><div class="b">{reply}<span class="n">Tipoff</span>'
        f'<span class="app">APP</span><span class="w">Today at 10:41</span>{content}{embeds}'
        f"{rows(body.get('components', []))}{below}</div></div>"
    )


def answer(reply: Reply) -> str:
    body = {"embeds": reply_pages(reply), "components": reply_rows(reply.buttons, reply.selects)}
    return message(body, private=True)


def form(made: dict[str, Any]) -> str:
    fields = ""
    for label in made["components"]:
        field = label["component"]
        value = field.get("value") or next((o["label"] for o in field.get("options", []) if o["default"]), "")
        hint = f'<span class="h">{html.escape(field.get("placeholder", ""))}</span>'
        fields += f'<div class="k">{html.escape(label["label"])}</div><div class="x">{html.escape(value) or hint}</div>'
    return f'<div class="modal"><div class="t">{html.escape(made["title"])}</div>{fields}<div class="r"><span class="s1">Submit</span></div></div>'


ALERT = AlertMessage(
    token="a1b2c3d4e5f6a7b8c9d0", channel=CHANNEL, story=StoryId(1204), event=Event.NEW, alert=88,
    title="DeepSeek V4 technical preview: weights on Hugging Face", url="https://huggingface.co/deepseek-ai/DeepSeek-V4",
    publisher="Hugging Face", author="deepseek-ai", grade=Grade.PRIMARY_DATA, topics=("DeepSeek V4",),
    published=NOW - timedelta(minutes=4), witnesses=3,
    summary="DeepSeek put the weights of a 1.1-trillion-parameter model under the MIT licence. The card names a context "
    "of one million tokens and support for Huawei Ascend.",
    outlets=(
        Outlet(publisher="Reuters", url="https://reuters.com/a", grade=Grade.REPORT),
        Outlet(publisher="IT之家", url="https://ithome.com/b", grade=Grade.REPORT),
        Outlet(publisher="Simon Willison", url="https://simonwillison.net/c", grade=Grade.REPORT),
    ),
    answers=("Is DeepSeek V4 released? → released (was announced)",), tags=("open weights", "MoE", "Ascend"),
)  # fmt: skip
UPGRADE = AlertMessage(
    token="b1b2c3d4e5f6a7b8c9d0", channel=CHANNEL, story=StoryId(1204), event=Event.UPGRADE, alert=91,
    title="Introducing DeepSeek-V4", url="https://api-docs.deepseek.com/news/v4", publisher="DeepSeek",
    grade=Grade.OFFICIAL, previous_grade=Grade.PRIMARY_DATA, topics=("DeepSeek V4",), witnesses=6,
    published=NOW - timedelta(minutes=1), summary="The API serves V4 from today at the price of V3.2.",
    meanwhile="2 more outlets since 03:12; report → official", reply_to="1", place=Place(mention="4242"),
)  # fmt: skip


def entry(number: int, title: str, publisher: str, grade: Grade, **more: Any) -> DigestEntry:
    return DigestEntry(
        story=StoryId(number), event=more.get("event", Event.NEW), title=title, url=f"https://news.example/{number}",
        publisher=publisher, grade=grade, topics=("Huawei Ascend",), published=NOW - timedelta(hours=more["ago"]),
    )  # fmt: skip


DIGEST = DigestMessage(
    token="c1b2c3d4e5f6a7b8c9d0", channel=CHANNEL, title="Daily digest, 24 November 2026: 4 alerts",
    reason="40 alerts were told today, as many as this channel wants. Lesser evidence waits for the digest.",
    entries=(
        entry(1188, "BIS adds three foundries to the Entity List", "Federal Register", Grade.FILING, ago=3),
        entry(1190, "昇腾 950PR 跑分泄露：FP8 1.2 PFLOPS", "V2EX", Grade.LEAK, ago=5),
        entry(1191, "Huawei to ship Ascend 950 in the first quarter", "Reuters", Grade.REPORT, ago=8, event=Event.UPGRADE),
        entry(1195, "Ascend 960 may be delayed", "DigiTimes", Grade.RUMOUR, ago=11),
    ),
)  # fmt: skip
NOTICE = NoticeMessage(
    token="d1b2c3d4e5f6a7b8c9d0", channel=CHANNEL, title="Reuters has not answered for a day",
    text="Tipoff asks it again every hour.\nWhat only Reuters tells about DeepSeek V4 may come late.",
)  # fmt: skip
LATEST = Reply(
    title="Newest stories",
    entries=(
        Entry(title="Introducing DeepSeek-V4", url="https://api-docs.deepseek.com/news/v4",
              facts=("story 1204", "official", "6 outlets", "1 min ago"), text="The API serves V4 from today."),
        Entry(title="BIS adds three foundries to the Entity List", url="https://federalregister.gov/x",
              facts=("story 1188", "filing", "Federal Register", "3 hours ago")),
    ),
    selects=(Select(hint="Open a story", command="story", option="story",
                    choices=(("1204", "Introducing DeepSeek-V4"), ("1188", "BIS adds three foundries"))),),
    buttons=(Button(label="Older ▶", command="latest", options=(("page", "2"),), replace=True),),
)  # fmt: skip
SETTINGS = Form(
    title="Settings of #ai-launches", command="settings",
    fields=(
        Field(name="zone", label="Time zone", value="Europe/Berlin"),
        Field(name="budget", label="Alerts a day before lesser evidence waits", hint="40; or off"),
        Field(name="threads", label="Open a thread for each story", value="on", choices=("on", "off")),
    ),
)  # fmt: skip
PICTURES = {
    "discord-alert": message(rich(ALERT, WAY)),
    "discord-follow-up": message(rich(UPGRADE, WAY), quoted=ALERT.title),
    "discord-digest": message(rich(DIGEST, WAY)),
    "discord-notice": message(rich(NOTICE, WAY)) + message(bare(ALERT, WAY)),
    "discord-forum": f'<div class="post">{html.escape(thread_name(ALERT))}</div>' + message(rich(ALERT, WAY)),
    "discord-answer": answer(LATEST),
    "discord-form": form(modal(SETTINGS)),
}


def draw(chromium: str, name: str, body: str) -> Path:
    out = FOLDER / f"{name}.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}", "utf-8")
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={WIDTH},1100",
             "--force-device-scale-factor=1.5", f"--screenshot={out}", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    with Image.open(out) as wide:
        picture = wide.convert("RGB")
    background = Image.new("RGB", picture.size, picture.getpixel((picture.width - 1, picture.height - 1)))
    box = ImageChops.difference(picture, background).getbbox() or (0, 0, *picture.size)
    picture = picture.crop((0, 0, picture.width, min(box[3] + 18, picture.height)))
    picture.quantize(128).save(out, optimize=True)
    return out


if __name__ == "__main__":
    for name, body in PICTURES.items():
        made = draw(sys.argv[1] if len(sys.argv) > 1 else "chromium", name, body)
        print(made.name, made.stat().st_size)
