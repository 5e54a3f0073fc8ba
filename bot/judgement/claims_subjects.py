"""Whose a figure is: the name that a sentence, or the whole text, rates."""

import re
from collections.abc import Sequence

from bot.judgement.claims_context import About
from bot.judgement.claims_hosts import PER_CARD, host_of, is_place, kernel_of, served_by, talker_of
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import Figure
from bot.judgement.claims_roles import is_other, may_own

#: What is built of what: "per chip" and "each Ascend NPU" in a text on the system rate the chip.
BUILT_OF = {
    "CloudMatrix 384": "Ascend 910C",
    "Atlas 900 SuperPoD": "Ascend 910C",
    "Atlas 950 SuperPoD": "Ascend 950DT",
    "Atlas 960 SuperPoD": "Ascend 960",
}
_FOR_NAME = re.compile(
    r"\s?(?:\(|（)?(?:decode |prefill )?(?:of \w+ )?(?:in \w+ )?(?:in \w+ )?"
    r"(?:for|on|per|on a|for the|by the|by|from|on a"
    r"|in the)\s(?:the |an? |its |each |one |single |nvidia's |huawei's |amd's |nvidia |huawei |amd )*"
)
#: "against 96 GB and 4 TB/s for the H20": both are the H20's.
_SHARED = re.compile(
    r"\s?(?:of \w+ )?(?:and|,)\s\d[\d.,]*\s?[a-z/]+\s(?:of \w+ )?"
    r"(?:for|on|of)\s(?:the |an? |nvidia's |huawei's |amd's )*"
)
_AGAINST = re.compile(r"(?:against|versus|vs\.?|compared (?:with|to))\s?$")
#: "Outpaces the rival's 512 TOPS": a figure of something without a name.
_RIVALS = re.compile(
    r"\b(?:rival|competitor|competition|predecessor)(?:s|'s|s')?\s$|(?:对手|竞品|前代|上一代)(?:产品)?的?\s?$"
)
_PER_STACK = re.compile(r"(?: of \w+)?,? (?:per|a|each) stack\b")
_PHASES = ("decode throughput", "prefill throughput")
#: "On one Atlas 800T A3 node", "on a DGX H200 server": the whole machine only serves a model.
_IN_NODE = re.compile(r" on (?:one|an?|a single) [a-z][\w -]{2,20} (?:node|server|box|machine)\b")
#: What a deployment reaches is its model's.
_SERVED = ("throughput", "generation throughput")
_DEPLOYS = re.compile(r"部署|deploy|\bserv(?:e|es|ing)\b")
#: What no chip reaches alone: a sentence that names none tells it of something else than the chip of the title.
_OF_SYSTEMS = ("EFLOPS", "EOPS", "MW", "PB/s")
_SYSTEM = re.compile(
    r"SuperPoD|Cloud Brain|Helios|SuperCluster|scaleX|Panjiu|CloudMatrix|NVL|JUPITER|Alice|Atlas|Craftwerk"
    r"|^[A-Z]{4,}$|-AI$"
)
_RATES = ("tokens/s", "s", "ms", "images/s", "samples/s", "requests/s")


def subject_of(sentence: str, figure: Figure, names: Sequence[Name], about: About) -> str:
    """The name that a figure of the sentence is about, "" when it is about none.

    A chip is rated; a model waits for its first token. Of token rates either is said: the nearest is meant, but
    "on a 910C, Qwen3 decodes at" and a rate "per card" rate the chip.
    """
    if figure.unit == "TFLOPS" and (kernel := kernel_of(sentence, figure)):
        return kernel
    found = _nearest(sentence, figure, names, about)
    if found and _is_large(figure, sentence) and not _SYSTEM.search(found) and _in_rack(sentence, figure):
        return f"{found} rack"
    if found != "Ascend":
        return found
    return BUILT_OF.get(about.main) or ("Ascend" if figure.unit in _RATES and not about.chip else "")


def _nearest(sentence: str, figure: Figure, names: Sequence[Name], about: About) -> str:
    if figure.metric in ("memory bandwidth", "HBM capacity") and _PER_STACK.match(sentence, figure.end):
        stacks = [name.text for name in names if "HBM" in name.text]
        if stacks:
            return stacks[-1]
    latency = figure.metric in ("TTFT", "TPOT")
    kinds = ("model", "chip", "part") if latency else ("chip", "part", "model")
    allowed = (
        kinds
        if figure.unit in _RATES
        else ("chip", "part", "host")
        if figure.unit == "W"
        else ("chip", "part")
    )
    subjects = [name for name in names if name.kind in allowed and _is_that_large(name, figure, sentence)]
    if figure.metric.startswith("MLPerf"):  # it rates machines, whatever network they run
        subjects = [name for name in subjects if name.kind != "model"] or subjects
    rate = figure.metric == "generation throughput"
    if rate and (host := host_of(sentence, figure, subjects)):
        return host
    if figure.metric in _SERVED and (served := served_by(sentence, figure, subjects)):
        return served
    after = _FOR_NAME.match(sentence, figure.end)
    may_serve = rate or (figure.metric in _PHASES and _IN_NODE.match(sentence, figure.end) is not None)
    if after and may_serve and (talker := talker_of(sentence, figure, subjects)):
        return talker
    if after:
        for name in subjects:
            hosts = latency and name.kind == "chip" and any(other.kind == "model" for other in subjects)
            if after.end() - 1 <= name.start <= after.end() and not hosts:
                return about.model if rate and _is_at_home(name, about) else name.text
    if _RIVALS.search(sentence[max(0, figure.start - 24) : figure.start]):
        return ""
    clause = (
        re.split(r"[,，。;；]", sentence[max(0, figure.start - 36) : figure.start])[-1]
        + sentence[figure.start : figure.end + 14]
    )
    if figure.unit in _RATES and not latency and PER_CARD.search(clause):
        chips = [name for name in subjects if name.kind == "chip" and name.end <= figure.start]
        if chips and not all(is_other(name, sentence) for name in chips):
            return next(name for name in reversed(chips) if not is_other(name, sentence)).text
        if not chips and (about.chip or about.ascend):
            return about.chip or "Ascend"
    shared = _SHARED.match(sentence, figure.end)
    if shared and _AGAINST.search(sentence[max(0, figure.start - 20) : figure.start]):
        for name in subjects:
            if name.start == shared.end():
                return name.text
    own = [name for name in subjects if may_own(name, sentence, figure.start)]
    before = [name for name in own if name.end <= figure.start]
    rated = figure.metric == "generation throughput" or latency
    if before:
        preferred = [name for name in before if name.kind in kinds[: 1 if latency else 2]]
        if latency and about.model and not preferred:
            return about.model
        if (
            about.model
            and figure.unit in _RATES
            and (preferred or before)[-1].text.startswith(("RTX ", "RX "))
        ):
            return about.model  # a card for gamers: the model's rate is what is told
        if rated and not latency:
            return about.model if about.model and is_place(before[-1], sentence) else before[-1].text
        return (preferred or before)[-1].text
    if latency and (models := [name for name in own if name.kind == "model"]):
        return models[0].text
    later = [name for name in own if name.start >= figure.end]
    if later and (not about.main or _leads(later[0], sentence, figure)):
        return later[0].text
    if about.model and figure.metric in _SERVED and _DEPLOYS.search(sentence):
        return about.model
    if latency and about.model:
        return about.model
    # A model has a rate, not a rating.
    main = about.main if figure.unit in _RATES else about.chip or (about.host if figure.unit == "W" else "")
    if main and (not _is_large(figure, sentence) or _SYSTEM.search(main) or _in_rack(sentence, figure)):
        return main
    compared = {name.text for name in names if is_other(name, sentence)}
    systems = (name for name in about.row if _SYSTEM.search(name) and name not in compared)
    if main and (system := next(systems, "")):
        return system
    return (
        "cluster"
        if not about.main and re.search(r"集群|cluster(?!s)", sentence) and figure.metric == "compute"
        else ""
    )


def _is_at_home(name: Name, about: About) -> bool:
    """Whether a card for gamers is all that the model of the text runs on."""
    chips = [text for text in about.row if text != about.model]
    return about.model != "" and name.text.startswith(("RTX ", "RX ")) and chips == [name.text]


#: 40 EFLOPS are told of a rack: "a Feynman rack delivers", 单机柜, "each rack offers".
_RACK = re.compile(r"\b(?:per|each|every|an?|the|one|full|[a-z]+\d*) racks?\b|[单每个]机柜|整机柜|每柜|单柜")
_PER_CHIP = re.compile(
    r"per[- ](?:package|chip|gpu|card|socket)|package|封装|单卡|每卡|单芯片|单颗|每颗|\bchip\b"
)
_MOST_OF_CHIP = 100
_MOST_OF_PACKAGE = 500


def _in_rack(sentence: str, figure: Figure) -> bool:
    return _RACK.search(sentence, max(0, figure.start - 48), figure.end + 24) is not None


def _is_per_chip(sentence: str, figure: Figure) -> bool:
    """ "100 PFLOPS of FP4 per package": the text says itself that one part comes to it."""
    near = _PER_CHIP.search(sentence, max(0, figure.start - 30), figure.end + 48)
    return figure.value <= _MOST_OF_PACKAGE and near is not None


def _is_large(figure: Figure, sentence: str) -> bool:
    """Whether no chip alone comes to a figure: exaflops, megawatts, hundreds of petaflops, what ranks systems."""
    return (
        figure.unit in _OF_SYSTEMS
        or (figure.unit == "PFLOPS" and figure.value > _MOST_OF_CHIP and not _is_per_chip(sentence, figure))
        or (
            figure.unit == "PFLOPS" and re.search(r"(?<![a-z])(?:hpl|linpack)(?![a-z])", sentence) is not None
        )
    )


def _is_that_large(name: Name, figure: Figure, sentence: str) -> bool:
    return (
        not _is_large(figure, sentence)
        or _SYSTEM.search(name.text) is not None
        or re.search(r"(?:supercomputer|exascale system|超算|超级计算机)[“「\"]?\s?$", sentence[: name.start])
        is not None
        or re.match(
            r"\s?(?:pod|rack|system|cluster|station|box|server|(?:智算|算力)?集群|智算中心|超算|超节点)",
            sentence[name.end :],
        )
        is not None
    )


def _leads(name: Name, sentence: str, figure: Figure) -> bool:
    """ "Rated at 2 PFLOPS in FP8, the Ascend 970": a clause without a name that hangs on the next one."""
    return (
        re.fullmatch(
            r"[^,，。;]{0,24}[,，]\s?(?:the |huawei's |nvidia's )*", sentence[figure.end : name.start]
        )
        is not None
        and re.match(r"(?:rated|with|at|promising|offering|boasting|delivering)\b", sentence) is not None
    )
