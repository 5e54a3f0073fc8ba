"""What a chip is to an unnamed one before it: "triples its predecessor in training", 昇腾960：算力翻番. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import is_negated
from bot.model import Claim

#: "Triples its predecessor in training", "twice the FP8 of its predecessor", "1.8x its predecessor's bandwidth"
_PREDECESSOR = re.compile(
    r"\b(?P<by>twice|double|doubles|doubling|triple|triples|tripling|quadruples|\d+(?:\.\d+)?(?:x| times)) "
    r"(?:as fast as |the (?:dense )?(?P<what>[a-z][a-z\d ]{1,20}?) of )?(?:its|the) predecessor"
    r"(?:'s (?:dense )?(?P<its>(?:memory |interconnect |hbm )?[a-z][a-z\d]+))?"
    r"(?= in (?P<kind>training|inference|prefill|decod)|[\s,.;:)]|$)"
)
_TIMES = {"twic": 2.0, "doub": 2.0, "trip": 3.0, "quad": 4.0}
#: 昇腾960：算力翻番
_DOUBLED = re.compile(
    r"(?P<of>(?:fp[48]|bf16|推理|训练|单卡)?(?:算力|性能)|fp[48]|显存带宽|内存带宽|互联带宽)"
    r"(?:直接|再次?|也|又|已|整体|较?上一?代|比上一?代)*(?:翻倍|翻番|翻了?一[倍番])"
)
#: Between a chip and what is told of it: "：", 来了：, 芯片的.
_RIGHT_AFTER = re.compile(r"(?:芯片|处理器|超节点)?(?:来了|发布|亮相|曝光|登场|开售|的)?[：:，,！!]?\s?")
_FORMAT = re.compile(r"fp\d+|bf16|int8")
#: What is measured, by the words for it, in order.
_MEASURES = (
    (re.compile(r"interconnect|link|互联"), "interconnect bandwidth"),
    (re.compile(r"bandwidth|带宽"), "memory bandwidth"),
    (re.compile(r"memory|hbm"), "HBM capacity"),
    (re.compile(r"推理性能|inference"), "inference performance"),
    (re.compile(r"训练性能|train"), "training performance"),
    (re.compile(r"算力|comput|flops|^(?:fp\d+|bf16|int8)$"), "compute"),
    (re.compile(r"decod"), "decode throughput"),
    (re.compile(r"prefill"), "prefill throughput"),
    (re.compile(r"throughput"), "throughput"),
    (re.compile(r"power|watt"), "power"),
    (re.compile(r"^$|performance|speed|性能"), "performance"),
)


def generations_in(
    sentence: str, names: Sequence[Name], about: About, taken: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """How many times its predecessor a chip is, with where each stands. ``taken``: what was read otherwise."""
    found: list[tuple[int, Claim]] = []
    chips = [name for name in names if name.kind == "chip"]
    # "A new chip serves V4 twice as fast as its predecessor" tells nothing of V4.
    if "predecessor" in sentence and about.chip and not about.model:
        for match in _PREDECESSOR.finditer(sentence):
            told = match["by"]
            value = _TIMES.get(told[:4]) or float(told.removesuffix("x").removesuffix(" times"))
            before = [name.text for name in chips if name.end <= match.start()]
            of = match["what"] or match["its"] or match["kind"] or ""
            found += _told(match, before[-1] if before else about.chip, of, value)
    for match in _DOUBLED.finditer(sentence) if "翻" in sentence else ():
        chip = next((name for name in reversed(chips) if name.end <= match.start()), None)
        of = match["of"]
        if chip and (of.startswith("fp") or _RIGHT_AFTER.fullmatch(sentence, chip.end, match.start())):
            found += _told(match, chip.text, of, 2.0)
    return [
        (at, claim)
        for at, claim in found
        if not any(start <= at < end for start, end in taken) and not is_negated(sentence, at)
    ]


def _told(match: re.Match[str], subject: str, of: str, value: float) -> list[tuple[int, Claim]]:
    metric = next((metric for said, metric in _MEASURES if said.search(of)), "")
    said = _FORMAT.search(of)
    claim = Claim(
        subject=subject,
        metric=metric,
        value=value,
        unit="x",
        precision=said[0].upper() if said else None,
        relative_to="before",
    )
    return [(match.start(), claim)] if metric else []
