"""Makes the pictures in docs/slack.md: what Tipoff really renders, drawn as Slack draws it. Needs chromium.

python -m tests.pictures.slack
"""

import html
import re
import shutil
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, NoticeMessage, Outlet, Place
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.replies import Button, Entry, Reply, Select
from handlers.slack.blocks import Rendered
from handlers.slack.forms import form_of, view
from handlers.slack.origin import Origin
from handlers.slack.render import render, render_reply
from handlers.specs import SPECS
from tests.paths import ROOT

HERE = ChannelKey("slack:T1/C1")
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
FOLDER = ROOT / "docs" / "pictures"
WIDTH, MARGIN = 720, 18
COLOURS = {
    "large_green_circle": "#2eb67d", "large_blue_circle": "#1d9bd1", "large_purple_circle": "#8a63d2",
    "white_circle": "#e3e3e3", "large_yellow_circle": "#ecb22e", "black_circle": "#333",
}  # fmt: skip
SIGNS = {"white_check_mark": "✔", "warning": "⚠"}
STYLE = """
* { box-sizing: border-box } body { margin: 0; padding: 18px; width: WIDTHpx; background: #fff; color: #1d1c1d;
  font: 15px/1.46 Lato, 'Liberation Sans', 'Noto Sans CJK SC', 'DejaVu Sans', sans-serif }
.message { display: flex; gap: 8px; margin-bottom: 14px } .message.reply { margin-left: 44px }
.face { width: 36px; height: 36px; border-radius: 6px; background: #1f2937; color: #fff; flex: none;
  font-weight: 700; text-align: center; line-height: 36px }
.who b { margin-right: 6px } .who i { font-style: normal; background: #ddd; border-radius: 2px; font-size: 10px;
  padding: 1px 3px; margin-right: 6px; color: #555 } .who small, .only { color: #616061; font-size: 12px }
a { color: #1264a3; text-decoration: none } .rich { white-space: pre-wrap; margin: 2px 0 6px }
.context { color: #616061; font-size: 13px; display: flex; flex-wrap: wrap; gap: 2px 8px; margin: 2px 0 6px }
.context b { color: #454245 } h3 { margin: 4px 0 8px; font-size: 18px }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 6px 0 8px }
.button { border: 1px solid #bbb; border-radius: 4px; padding: 4px 12px; font-weight: 700; font-size: 13px }
.button.primary { background: #007a5a; color: #fff; border-color: #007a5a }
.button.danger { background: #e01e5a; color: #fff; border-color: #e01e5a }
.select { border: 1px solid #bbb; border-radius: 4px; padding: 4px 26px 4px 10px; font-size: 13px; color: #616061;
  position: relative; min-width: 220px } .select::after { content: "▾"; position: absolute; right: 9px }
.dot { display: inline-block; width: 13px; height: 13px; border-radius: 50%; vertical-align: -2px;
  border: 1px solid #0002 } .called { background: #f2c74466; color: #1264a3; border-radius: 3px; padding: 0 2px }
.modal { border: 1px solid #ddd; border-radius: 8px; width: 520px; box-shadow: 0 8px 24px #0002 }
.modal h2 { font-size: 20px; margin: 0; padding: 16px 20px; border-bottom: 1px solid #eee }
.modal section { padding: 8px 20px } .modal label { font-weight: 700; display: block; margin: 10px 0 4px }
.modal label small { font-weight: 400; color: #616061 } .hint { color: #616061; font-size: 12px; margin-top: 2px }
.field { border: 1px solid #bbb; border-radius: 4px; padding: 6px 10px; color: #868686; min-height: 34px }
.modal footer { padding: 14px 20px; text-align: right; border-top: 1px solid #eee; margin-top: 8px }
.cut { color: #868686; text-align: center; padding: 8px }
""".replace("WIDTH", str(WIDTH))


def mark(name: str) -> str:
    if name in COLOURS:
        return f'<span class="dot" style="background:{COLOURS[name]}"></span>'
    return SIGNS.get(name, f":{name}:")


def element(part: dict[str, Any]) -> str:
    match part["type"]:
        case "emoji":
            shown = mark(part["name"])
        case "link":
            shown = f"<a>{html.escape(part['text'])}</a>"
        case "usergroup":
            shown = '<span class="called">@chip-desk</span>'
        case _:
            shown = html.escape(part["text"])
    return f"<b>{shown}</b>" if part.get("style", {}).get("bold") else shown


def mrkdwn(text: str) -> str:
    text = re.sub(r"<!date\^(\d+)\^[^|]*\|[^>]*>", lambda found: clock(int(found[1])), text)
    text = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", r"<a>\2</a>", text)
    text = re.sub(r"\*([^*]+)\*", r"<b>\1</b>", text)
    return re.sub(r":(\w+):", lambda found: mark(found[1]), text)


def clock(seconds: int) -> str:
    """As {date_short_pretty} {time} reads for somebody in Berlin."""
    local = datetime.fromtimestamp(seconds, UTC) + timedelta(hours=1)
    day = "today" if local.date() == (NOW + timedelta(hours=1)).date() else f"{local:%b} {local.day}"
    return f"{day} {local:%H:%M}"


def block(part: dict[str, Any]) -> str:
    match part["type"]:
        case "header":
            return f"<h3>{html.escape(part['text']['text'])}</h3>"
        case "context":
            return (
                '<div class="context">'
                + "".join(f"<span>{mrkdwn(item['text'])}</span>" for item in part["elements"])
                + "</div>"
            )
        case "rich_text":
            (section,) = part["elements"]
            return f'<div class="rich">{"".join(map(element, section["elements"]))}</div>'
        case "actions":
            return f'<div class="actions">{"".join(map(control, part["elements"]))}</div>'
        case kind:
            raise ValueError(kind)


def control(part: dict[str, Any]) -> str:
    if part["type"] == "static_select":
        return f'<div class="select">{html.escape(part["placeholder"]["text"])}</div>'
    return f'<div class="button {part.get("style", "")}">{html.escape(part["text"]["text"])}</div>'


def message(rendered: Rendered, *, at: str = "10:30", reply: bool = False, only: bool = False) -> str:
    note = '<div class="only">Only visible to you</div>' if only else ""
    kind = " reply" if reply else ""
    return (
        f'<div class="message{kind}"><div class="face">T</div><div>{note}<div class="who"><b>Tipoff</b><i>APP</i>'
        f"<small>{at}</small></div>{''.join(map(block, rendered.blocks))}</div></div>"
    )


def modal(shown: dict[str, Any], *, most: int) -> str:
    rows = []
    for part in shown["blocks"][:most]:
        optional = " <small>(optional)</small>" if part["optional"] else ""
        held = part["element"]
        chosen = held.get("initial_option", {}).get("value") or held.get("initial_value") or ""
        hint = held.get("placeholder", {}).get("text", "Choose" if "select" in held["type"] else "")
        kind = "select" if "select" in held["type"] else "field"
        rows.append(
            f"<label>{html.escape(part['label']['text'])}{optional}</label>"
            f'<div class="{kind}">{html.escape(chosen or hint)}&nbsp;</div>'
            f'<div class="hint">{html.escape(part.get("hint", {}).get("text", ""))}</div>'
        )
    more = len(shown["blocks"]) - most
    cut = f'<div class="cut">… {more} more, all optional …</div>' if more > 0 else ""
    return (
        f'<div class="modal"><h2>{html.escape(shown["title"]["text"])}</h2><section>{"".join(rows)}{cut}</section>'
        f'<footer><span class="button">{shown["close"]["text"]}</span> '
        f'<span class="button primary">{shown["submit"]["text"]}</span></footer></div>'
    )


def draw(name: str, body: str) -> None:
    """A picture of the page, cut to what is on it."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    assert chromium, "chromium is needed"
    with tempfile.TemporaryDirectory() as folder:
        page, shot = Path(folder) / "page.html", Path(folder) / "shot.png"
        page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}", encoding="utf-8")
        subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--force-device-scale-factor=1.5", f"--window-size={WIDTH},2000", f"--screenshot={shot}",
             page.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        with Image.open(shot) as taken:
            whole = taken.convert("RGB")
    empty = Image.new("RGB", whole.size, "white")
    box = ImageChops.difference(whole, empty).getbbox()
    assert box is not None
    edge = MARGIN
    cut = whole.crop((0, 0, min(whole.width, box[2] + edge), min(whole.height, box[3] + edge)))
    target = FOLDER / f"slack-{name}.png"
    cut.quantize(128).save(target, optimize=True)
    print(target.name, cut.size, target.stat().st_size)


def an_alert(**given: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "d1", "channel": HERE, "story": StoryId(412), "event": Event.NEW, "alert": 31,
        "title": "DeepSeek V4 weights are on Hugging Face under the MIT licence",
        "url": "https://huggingface.co/deepseek-ai/DeepSeek-V4", "publisher": "DeepSeek",
        "grade": Grade.OFFICIAL, "witnesses": 3, "topics": ("DeepSeek V4",), "published": NOW,
        "summary": "DeepSeek published the weights of V4 with a technical report. The model has 1.1 trillion "
        "parameters, of which 42 billion are active.",
        "outlets": (
            Outlet(publisher="Reuters", url="https://www.reuters.com/a", grade=Grade.REPORT),
            Outlet(publisher="机器之心", url="https://www.jiqizhixin.com/b", grade=Grade.REPORT),
        ),
        "answers": ("Is DeepSeek V4 released? -> released (was rumoured)",),
        "place": Place(mention="S0DESK", zone="Europe/Berlin"),
    }  # fmt: skip
    return AlertMessage(**{**fields, **given})


def pictures() -> None:
    draw("alert", message(render(an_alert())))
    quiet = Place(zone="Europe/Berlin")
    rumour = an_alert(
        title="Huawei said to ship Ascend 960 samples in the first quarter", publisher="Chip Daily",
        url="https://chips.example/960", grade=Grade.RUMOUR, witnesses=1, topics=("Huawei Ascend",),
        summary="Two suppliers expect first samples of the Ascend 960 by March. Huawei did not comment.",
        outlets=(), answers=(), place=quiet, story=StoryId(398), published=NOW - timedelta(hours=20),
    )  # fmt: skip
    better = an_alert(
        title="Huawei names the Ascend 960 and its first customers", publisher="Huawei",
        url="https://www.huawei.com/en/news/960", grade=Grade.OFFICIAL, previous_grade=Grade.RUMOUR,
        event=Event.UPGRADE, witnesses=2, topics=("Huawei Ascend",), story=StoryId(398), outlets=(), answers=(),
        summary="Huawei presented the Ascend 960 in Shenzhen. Deliveries begin in April.", place=quiet,
        meanwhile="two outlets followed, and one took its first report back",
    )  # fmt: skip
    draw("thread", message(render(rumour), at="14:30") + message(render(better), reply=True))
    entries = tuple(
        DigestEntry(
            story=StoryId(number), event=event, title=title, url="https://example.com/", publisher=publisher,
            grade=grade, topics=(topic,), published=NOW - timedelta(hours=number - 400),
        )
        for number, event, title, publisher, grade, topic in (
            (401, Event.NEW, "BIS adds eleven firms to the Entity List", "Federal Register", Grade.FILING,
             "AI-chip export rules"),
            (403, Event.UPGRADE, "SiPearl's Rhea1 measured at 1.9 times the reference in HPCG", "Phoronix",
             Grade.PRIMARY_DATA, "European AI hardware"),
            (407, Event.NEW, "昇腾 950PR 实测：FP8 推理达到 H20 的 2.8 倍", "机器之心", Grade.LEAK, "Huawei Ascend"),
        )
    )  # fmt: skip
    digest = DigestMessage(
        token="d",
        channel=HERE,
        title="Daily digest, 24 November 2026: 3 stories",
        entries=entries,
        place=quiet,
    )
    draw("digest", message(render(digest), at="08:00"))
    notice = NoticeMessage(
        token="n", channel=HERE, title="A source cannot be read",
        text="Chip Daily (https://chips.example/feed) has failed for two days: HTTP 403.\n"
        "Alerts of Huawei Ascend now rest on 14 of 15 sources.",
    )  # fmt: skip
    draw("notice", message(render(notice), at="09:00"))
    stories = (
        ("#412 DeepSeek V4 weights are on Hugging Face under the MIT licence", Grade.OFFICIAL, "DeepSeek"),
        ("#407 昇腾 950PR 实测：FP8 推理达到 H20 的 2.8 倍", Grade.LEAK, "机器之心"),
        ("#401 BIS adds eleven firms to the Entity List", Grade.FILING, "Federal Register"),
    )
    answer = Reply(
        title="Newest stories",
        entries=tuple(
            Entry(title=title.split(" ", 1)[1], url="https://example.com/", grade=grade,
                  facts=(publisher, grade.value, "24 Nov 2026 09:30 UTC", title.split(" ")[0]))
            for title, grade, publisher in stories
        ),
        buttons=(Button(label="Older ▶", command="latest", options=(("page", "2"),), replace=True),),
        selects=(Select(hint="More about a story", command="story", option="story",
                        choices=tuple((str(n), title) for n, (title, *_) in enumerate(stories))),),
    )  # fmt: skip
    draw("answer", message(render_reply(answer), only=True))
    origin = Origin(team="T1", channel="C1", user="U1")
    shown = view(
        form_of(SPECS["subscribe"], {"topic": "deepseek-v4", "mode": "instant"}), origin, SPECS["subscribe"]
    )
    draw("form", modal(shown, most=5))


if __name__ == "__main__":
    pictures()
