"""What a figure is called as a claim: rated or measured, in which format, on which workload."""

import re
from collections.abc import Sequence

from bot.judgement.claims_hosts import is_kernel
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import Figure, precision_near
from bot.judgement.claims_setting import Setting
from bot.model import Claim

#: What a chip was seen to reach, not what it is rated at.
_RATED = re.compile(r"标称|理论|峰值|额定|\brated|\bpeak(?!s |ed )|nominal|theoretical")
_MEASURED = re.compile(
    r"实测|跑到|measured|sustain(?:s|ed)?|clocked|achieved|observed|\bthroughput (?:is|was|now|reache[sd]|hits|at)\b"
)
#: "512 TOPS seen", "812 TFLOPS on a 950PR".
_MEASURED_AFTER = re.compile(
    r"[^,，。;；\d]{0,12}?\b(?:seen|measured|sustained|observed|achieved|in (?:our|my|the) (?:tests?|lab|runs?))\b"
    r"|(?: (?:in|en|of|at) \w+\d)?[^,，。;；\d]{0,12}[,，(]?\s?(?:or |soit |about |达到?|约为?|即){0,2}"
    r"\d+(?:\.\d+)?\s?(?:%|percent) (?:of|de) "
    r"(?:its |the |sa |son |their )?(?:theoretical|rated|nominal|peak|pic|valeur)"
    r"|\s(?:on|from) (?:an?|one|my|our) |[^,，。;；\d]{0,4}实测"
)


#: Chips whose memory everybody knows to be HBM; of others a text says so.
_WITH_HBM = re.compile(
    r"Ascend|Atlas|CloudMatrix|(?:HGX )?[HRAB]\d|GB\d|GH\d|VR\d|MI\d|Instinct|Vera|Rubin|Blackwell|Hopper|Feynman|NVL"
    r"|TPU|Ironwood|Trillium|Trainium|Maia|Helios|Gaudi"
)


def memory_of(subject: str, setting: Setting) -> str:
    """What the memory of ``subject`` is called."""
    return "HBM capacity" if setting.hbm or _WITH_HBM.match(subject) else "memory capacity"


_SERVES = re.compile(r"\bserve[sd]? ")
#: "At Q4", "in INT4": what a model that runs at home is cut down to. Beside a date it is a quarter of a year.
_QUANTISED = re.compile(
    r"(?<![a-z0-9])(q[2-8]|int[48])(?:_k(?:_[msl])?)?(?![a-z0-9]|\s?(?:20\d\d|revenue|sales))"
)


#: "FlashMLA on B200: 1,380 TFLOPS": what a kernel reaches on a chip.
_OF_KERNEL = re.compile(
    r"\b(?:flashmla|flash-?attention|(?:attention|moe|mla|fused) kernels?)\b|注意力(?:算子|内核)"
)
#: The benchmark, in which memory bandwidth is measured.
_STREAM = re.compile(
    r"(?<![a-z])stream (triad|copy|add|scale)(?![a-z])|(?:\b(?:in|on) |[在用])stream(?![a-z])"
    r"(?= ?(?:[,.;，。；:：]|上|中|测试|$))"
)
#: What supercomputers are ranked by.
_HPL = re.compile(r"(?<![a-z])(?:hpl(-mxp)?|linpack|top500)(?![a-z])")


def claim_of(sentence: str, figure: Figure, subject: str, names: Sequence[Name], setting: Setting) -> Claim:
    needs = figure.metric in ("compute", "throughput") or "FLOPS" in figure.unit
    precision = precision_near(sentence, figure.start, figure.end) if needs else None
    metric = figure.metric
    if metric == "HBM capacity":
        metric = memory_of(subject, setting)
    if metric == "generation throughput":
        quantised = _QUANTISED.search(sentence, max(0, figure.start - 40), figure.end + 20)
        precision = quantised[1].upper() if quantised else None
        if _SERVES.search(sentence, max(0, figure.start - 60), figure.start) and _WITH_HBM.match(subject):
            metric = "throughput"
    if metric == "memory bandwidth" and "stream" in sentence and (stream := _STREAM.search(sentence)):
        metric = f"STREAM {stream[1].capitalize()}" if stream[1] else "STREAM"
    before = sentence[max(0, figure.start - 24) : figure.start]
    if is_kernel(subject):
        metric = "GEMM throughput" if "GEMM" in subject else "throughput"
    elif metric == "energy efficiency":
        precision = None
    elif metric == "compute" and "dgemm" in sentence:
        metric = "DGEMM throughput"
    elif metric == "compute" and (ranked := _hpl(sentence, figure)):
        metric = ranked
    elif metric == "compute" and setting.gemm and "FLOPS" in figure.unit and not _RATED.search(before):
        metric = "GEMM throughput"
    elif metric == "compute" and (
        _MEASURED.search(before)
        or _MEASURED_AFTER.match(sentence, figure.end)
        or ("FLOPS" in figure.unit and _OF_KERNEL.search(sentence, 0, figure.start))
    ):
        metric = "throughput"
    workload = next((name.text for name in names if name.kind == "workload"), "")
    scenario = (
        metric.removeprefix("MLPerf ").removesuffix(" throughput") if metric.startswith("MLPerf ") else ""
    )
    scenario = scenario if scenario in ("offline", "server") else ""
    if scenario and not workload:
        workload = next((name.text for name in names if name.kind == "model" and name.text != subject), "")
    workload = workload.replace("gpt-oss-120b", "GPT-OSS 120B")  # as MLCommons writes it
    if scenario and workload:
        metric = f"MLPerf {workload} {scenario}"
    return Claim(
        subject=subject,
        metric=metric,
        value=figure.value,
        unit=figure.unit,
        precision=precision,
        value_max=figure.value_max,
    )


#: "Rated at 64 PFLOPS, though HPL shows 71% of it"
_BUT = re.compile(r"[,;，；]\s?(?:though|but|while|yet|although|但|而)")


def _hpl(sentence: str, figure: Figure) -> str:
    """The benchmark of supercomputers that a figure was reached on; "" for a rating before a clause that names it."""
    match = _HPL.search(sentence)
    if match is None or (match.start() > figure.end and _BUT.search(sentence, figure.end, match.start())):
        return ""
    return "HPL-MxP" if match[1] else "HPL"


#: "Misses it by 8 W", "200 W more": how much apart two figures are.
_APART_BEFORE = re.compile(r"\b(?:by|additional|extra) (?:about |some |nearly )?$|[+±]\s?$")
_APART_AFTER = re.compile(r"\s(?:more|less|higher|lower|faster|slower|short of) ")


def is_difference(sentence: str, figure: Figure) -> bool:
    return (
        _APART_BEFORE.search(sentence[max(0, figure.start - 24) : figure.start]) is not None
        or _APART_AFTER.match(sentence, figure.end) is not None
    )
