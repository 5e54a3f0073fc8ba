"""What stands beside a comparison: "27% of V3.2's FLOPs per token and 10% of its KV cache", 个别场景反超20%; and what
compares a chip with its own rating: "81% of peak FP8". Pure, over masked sentences (``claims_relations``)."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from bot.judgement.claims_amounts import amount_of
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import number, precision_near
from bot.judgement.claims_shapes import NUMBER, PER_CENT, ZH_ABOUT, ZH_TENTH
from bot.model import Claim

#: Beside a comparison: "27% of V3.2's FLOPs per token and 10% of its KV cache", "1.7x the compute of X at 4.1x the
#: power".
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_OF_ITS = re.compile(
    rf"(?:(?<![\w.])(?P<en_by>{_DIGITS})\s?(?P<unit>%|percent|x|times) (?:(?:of )?(?:its|the)|more|higher)"
    r"|(?P<word>a third|a quarter|a fifth|a tenth|half) (?:of )?(?:its|the)) "
    r"(?:dense )?(?:(?P<precision>fp\d+|bf16|int8) )?(?:per-token )?"
    r"(?P<what>kv cache|(?:memory )?bandwidth|flops|comput(?:e|ing power)|power|memory|throughput)\b"
    rf"|(?P<zh>算力|性能|能效|互联带宽|带宽|功耗|显存|内存)(?:约?为|是|达)?(?:后者|其)的?\s?{ZH_ABOUT}\s?(?P<zh_by>{_DIGITS})\s?(?P<zh_unit>倍|%)"
    r"|(?P<doubled>算力|性能|能效|互联带宽|带宽|功耗|(?:hbm|显存|内存)(?:容量)?)(?:则|也|更|还|又|直接)*(?P<by>翻了?一?[倍番])"
)
_ITS = {
    "kv cache": "KV cache",
    "memory bandwidth": "memory bandwidth",
    "bandwidth": "memory bandwidth",
    "compute": "compute",
    "computing power": "compute",
    "power": "power",
    "memory": "HBM capacity",
    "throughput": "throughput",
    "算力": "compute",
    "性能": "performance",
    "能效": "energy efficiency",
    "互联带宽": "interconnect bandwidth",
    "带宽": "memory bandwidth",
    "功耗": "power",
    "显存": "HBM capacity",
    "内存": "HBM capacity",
}
#: 约为A100的80%，个别场景反超20%: in some it reaches 120%.
_AHEAD_IN_SOME = re.compile(
    r"[,，](?:但|而|且)?(?:个别|部分|少数|某些|有些|在?[\u4e00-\u9fff]{1,6}(?:上|中|里))[\u4e00-\u9fff]{0,6}?反超(?:约|近|达)?\s?"
    r"(\d+(?:\.\d+)?)\s?%"
)
#: “性能为H200的1.3倍”应为1.03倍: a correction.
_SHOULD_BE = re.compile(r"[”\"」』,，]\s?应为\s?(\d+(?:\.\d+)?)\s?(倍|%)")
#: 81% of peak FP8, 达到标称算力的八成: what a chip reaches of its own rating.
_OF_PEAK = re.compile(
    rf"{NUMBER}{PER_CENT} (?:of|de|du|des|der) (?:its |the |their |sa )?(?:theoretical |rated "
    rf"|nominal )?(?:peak|rated|nominal|theoretical|advertised|pic\b|spitzen|valeur nominale)"
    rf"|(?:标称|理论|峰值|额定)[\u4e00-\u9fff]{{0,4}}?的?\s?{ZH_ABOUT}\s?(?:{NUMBER}\s?%|{ZH_TENTH}成)"
    # FP8算力发挥接近九成
    rf"|(?:算力|带宽)(?:发挥|兑现)(?:出|到|了|率)?{ZH_ABOUT}(?:接近)?\s?(?:{NUMBER}\s?%|{ZH_TENTH}成)"
)


def corrected_in(sentence: str, last: Claim, end: int) -> Iterator[tuple[int, int, Claim]]:
    """What the sentence says behind its last comparison, which ends at ``end``: it is more elsewhere, or was wrong."""
    ahead = _AHEAD_IN_SOME.match(sentence, end) if "反超" in sentence and last.unit == "%" else None
    if ahead:
        yield ahead.start(1), ahead.end(), replace(last, value=100 + number(ahead[1]), value_max=None)
    for match in _SHOULD_BE.finditer(sentence, end) if "应为" in sentence else ():
        if (match[2] == "倍") == (last.unit == "x"):
            yield match.start(1), match.end(), replace(last, value=number(match[1]), value_max=None)


def of_its(masked: str, last: Claim, names: Sequence[Name]) -> Iterator[tuple[int, int, Claim]]:
    """What else is told of the same two, with its place in the masked sentence."""
    compared = masked.rfind("\x00")
    for match in _OF_ITS.finditer(masked):
        if match["by"] and match.start() < compared:  # 算力翻倍，互联带宽是910C的2.5倍: of what is not said
            continue
        yield match.start(), match.end(), _of_its(match, last, names)


def of_peak(masked: str, subject_at: Callable[[re.Match[str]], str]) -> Iterator[tuple[int, int, Claim]]:
    """What a chip reaches of its own rating, with its place in the masked sentence."""
    for match in _OF_PEAK.finditer(masked):
        if subject := subject_at(match):
            claim = Claim(
                subject=subject,
                metric=_of_peak(masked, match),
                value=amount_of(next(group for group in match.groups() if group)),
                unit="%",
                precision=precision_near(masked, match.start(), match.end()),
                relative_to="peak",
            )
            yield match.start(), match.end(), claim


def _of_its(match: re.Match[str], beside: Claim, names: Sequence[Name]) -> Claim:
    of_model = any(name.text == beside.subject and name.kind == "model" for name in names)
    said = (match["what"] or match["zh"] or match["doubled"]).removesuffix("容量").replace("hbm", "显存")
    metric = _ITS.get(said) or ("per-token FLOPs" if of_model else "compute")
    if of_model and metric == "HBM capacity":
        metric = "memory"
    amount = match["word"] or match["by"] or match["en_by"] or match["zh_by"]
    return replace(
        beside,
        metric=metric,
        value=amount_of(amount),
        value_max=None,
        unit="x" if match["by"] or (match["unit"] or match["zh_unit"]) in ("x", "times", "倍") else "%",
        precision=match["precision"].upper() if match["precision"] else None,
    )


_AFTER_PEAK = re.compile(
    r"(?:\s(?:theoretical|rated|nominal|memory|hbm))* bandwidth|[\u4e00-\u9fff]{0,4}带宽"
)
_BANDWIDTH = re.compile(r"带宽[^,，。;；]{0,8}$|bandwidth (?!and )[^,.;]{0,14}$")


def _of_peak(masked: str, match: re.Match[str]) -> str:
    at = match.start()
    if _BANDWIDTH.search(masked, max(0, at - 16), at) or _AFTER_PEAK.match(masked, match.end()):
        return "memory bandwidth"
    if "hpl" in masked or "linpack" in masked:
        return "HPL efficiency"
    return "DGEMM throughput" if "dgemm" in masked else "throughput"
