"""What is compared with a maker's part that another sentence names: "43.5 percent of Nvidia's throughput". Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_context import About
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_roles import is_negated
from bot.judgement.text import overlaps
from bot.model import Claim

#: How the parts of a maker are called.
_PARTS = {
    "nvidia": re.compile(r"(?:GB|VR|[ABHLR])\d{2,3}|RTX|Vera|Rubin|Blackwell|Hopper|Feynman|NVL"),
    "amd": re.compile(r"MI\d|Helios"),
    "huawei": re.compile(r"Ascend|Atlas|CloudMatrix"),
    "google": re.compile(r"TPU"),
}
_CHINESE = {"英伟达": "nvidia", "华为": "huawei", "谷歌": "google"}
#: Without one of these the patterns are not worth trying.
_SAID = ("nvidia'", "amd'", "huawei'", "英伟达", "华为")
_EN = re.compile(
    r"(?P<by>\d+(?:\.\d+)?)\s?(?P<unit>%|percent|per cent|x|times) (?:of )?(?:the )?(?P<maker>nvidia|amd|huawei|google)"
    r"(?:'s|s') (?:\w+ )?(?P<what>throughput|performance|speed|score|result|bandwidth)\b"
)
_ZH = re.compile(
    r"(?:为|是|达到?|相当于|仅有|只有)(?P<maker>英伟达|华为|谷歌|amd)的?(?P<what>成绩|性能|吞吐量?|算力|带宽)?的?(?:约|近)?\s?"
    r"(?:(?P<by>\d+(?:\.\d+)?)\s?(?P<unit>%|倍)|(?P<tenths>[一二三四五六七八九])成)"
)
_METRICS = {
    "throughput": "throughput",
    "bandwidth": "memory bandwidth",
    "吞吐": "throughput",
    "吞吐量": "throughput",
    "算力": "compute",
    "带宽": "memory bandwidth",
}


def makers_in(sentence: str, about: About, taken: Sequence[tuple[int, int]]) -> list[tuple[int, Claim]]:
    """The comparisons with the one part that the text names of a maker, with where each stands."""
    if not about.chip or not any(word in sentence for word in _SAID):
        return []
    found: list[tuple[int, Claim]] = []
    for match in (*_EN.finditer(sentence), *_ZH.finditer(sentence)):
        if overlaps(match.start(), match.end(), taken):
            continue
        parts = _PARTS[_CHINESE.get(match["maker"], match["maker"])]
        of_maker = [text for text in about.row if parts.match(text)]
        own = [text for text in about.row if not parts.match(text)]
        if len(of_maker) != 1 or not own or is_negated(sentence, match.start()):
            continue
        metric = (
            "MLPerf performance" if about.setting.mlperf else _METRICS.get(match["what"] or "", "performance")
        )
        if match["what"] is None and sentence[: match.start()].endswith("吞吐"):
            metric = "throughput"
        value = float(match["by"]) if match["by"] else ZH_TENTHS[match.groupdict()["tenths"]]
        unit = "x" if match["unit"] in ("x", "times", "倍") else "%"
        subject = about.chip if about.chip in own else own[0]
        claim = Claim(subject=subject, metric=metric, value=value, unit=unit, relative_to=of_maker[0])
        found.append((match.start(), claim))
    return found
