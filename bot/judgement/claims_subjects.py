"""Whose a figure is: the name that a sentence, or the whole text, rates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.judgement.claims_figures import Setting
from bot.judgement.claims_hosts import PER_CARD, host_of, is_place, kernel_of, served_by, talker_of
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the whole text is about, for sentences that do not repeat it. ``main``: a name, or ""."""

    main: str
    benchmark: Name | None
    setting: Setting
    model: str = ""  # the main model, or the first that is named
    chip: str = ""  # the same of chips and systems
    workload: str = ""  # the first benchmark network of MLPerf that is named
    benchmark_later: bool = False  # ``benchmark`` is named only after the sentence
    host: str = ""  # the computer at somebody's home on which the model runs
    ascend: bool = False  # Huawei's chips are spoken of, whether or not by a number
    row: tuple[str, ...] = ()  # all chips and models, in the order of the text
    metr: bool = False  # METR is spoken of, which estimates how long models work alone
    geekbench: bool = False  # Geekbench is named
    same_benchmark: bool = False  # the sentence surely goes on about ``benchmark``


#: A chip named after one of these is a part of what the text is about.
_PART = re.compile(
    r"(?:搭载|采用|基于|集成|with|using|powered by|built on|based on"
    r"|uses|made of|made up of|packs|packing|pairs|pairing|links|containing|comprising|(?:has|holds|houses)(?= \d))"
    r"[\s（(]{0,2}\S{0,6}?\s?(?:全新|新一代|华为|英伟达|huawei's?|the|new|颗|张|块|片)?\s?$"
)
#: "Atlas 800I A3: 16 x Ascend 910C": the chips are counted, the server is what is told of.
_COUNTED_IN = re.compile(r"(?:atlas|cloudmatrix)[^。\n]{2,20}?\d+\s?[x×颗张块片枚]\s?$")
#: 华为Atlas 460加速卡开售：昇腾960PR，FP4算力3.3 PFLOPS: the chip is the first thing told of the card.
_CHIP_OF_CARD = re.compile(r"atlas \d{3}(?! super)[^:：,，。\n]{0,16}[:：]\s?$")
#: "The Ascend 950PR debuts in the Atlas 350" tells of the Atlas 350.
_PART_OF = re.compile(
    r"\s?(?:chip |processor |npu |芯片|处理器)?(?:debuts in(?:side)?|powers|drives|at the heart of|首秀于|用于)\s?"
    r"(?:the |its |new |huawei's )*(?:atlas|cloudmatrix)"
)
#: What is built of what: "per chip" and "each Ascend NPU" in a text on the system rate the chip.
BUILT_OF = {
    "CloudMatrix 384": "Ascend 910C",
    "Atlas 900 SuperPoD": "Ascend 910C",
    "Atlas 950 SuperPoD": "Ascend 950DT",
    "Atlas 960 SuperPoD": "Ascend 960",
}
_DET = (
    r"(?:the |an? |its |nvidia's |huawei's |nvidia |huawei |amd's "
    r"|amd |英伟达的?|华为的?|amd的?|openai's |google's |anthropic's )*"
)
_OTHER_BEFORE = re.compile(
    r"(?:(?:%|percent|per cent) of|\d\.\d+(?:x|×)|(?:\dx|\d×|\btimes) the [\w -]{1,32} of"
    r"|\bhalf(?: of)?(?: what)?|\b(?:third|quarter|fifth|tenth) of(?: what)?"
    r"|\b(?:double|triple|quadruple)s|\btwice|\btimes(?: what)?"
    r"|\bvs\.?|versus|\bthan|\bas \w+ as|\bties|\btied with|against|compared (?:with|to)|rival(?:s"
    r"|ing|led)?|replac(?:e|es|ing)|instead of|unlike|similar to"
    r"|on par with|match(?:es|ing)?|beats?|outperforms?|dethrone|trail(?:s"
    r"|ing)?|behind|ahead of|surpass(?:es|ing)?|outpac(?:es|ing)|overtak(?:es|ing)|tops"
    r"|schlagt|ubertrifft|uberholt|depasse|devance|surpasse"
    r"|challeng(?:es|ing)|alternatives? to|successors? (?:to|of)|answer to|edges(?: out)?|over"
    r"|对标|反超|媲美|相比|替代|碾压|优于|赶超|追赶|不及|低于|高于|超越|超过|击败|比|较|逼近|看齐|仅次于)\s?"
    + _DET
    + r"$"
)
_OTHER_AFTER = re.compile(
    r"\s?(?:'s )?(?:replacements?|rivals?|alternatives?|competitors?|killers?"
    r"|challengers?|successors?|-class|-level|(?:相同|一样|一致|同款)|的?(?:替代|竞品|继任|后继|接班|对手|级别|平替)"
    r"|\s?[的の]\s?(?:约|近|仅)?(?:\d+(?:\.\d+)?\s?(?:倍|%)|[一两二三四五六七八九十]{1,2}(?:倍|成)|一半|[二三四五]分之))"
)
#: Right behind a name, these make a number its own even where it is compared with.
#: "Said to match the H100 at 1 PFLOPS" rates what matches it.
_EQUALS = re.compile(r"(?:match(?:es|ing)?|\bties|\btied with|rivals?|on par with)\s?" + _DET + r"$")
_OWN_VALUE = re.compile(r"(?:'s)?\s?(?:的|at|is|为|是|[:：=(（])?\s?$")
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
_NOT = re.compile(
    r"(?:\b(?:not|never|cannot|fail(?:s|ed)? to|falls? short of"
    r"|fell short of|short of|denie[sd]|deny|no longer)\b|n't"
    r"|没有|未能|未达到?|并非|而非|不是|否认|无法|达不到|误写为?|误报为?|误称为?)[^,，:：;；。.]{0,24}$"
)
_UNTRUE = re.compile(
    r"\b(?:not true|untrue|false|wrong) that\b|denie[sd] (?:that|reports|claims|rumou?rs)|否认"
)
#: What no chip reaches alone: a sentence that names none tells it of something else than the chip of the title.
_OF_SYSTEMS = ("EFLOPS", "EOPS", "MW", "PB/s")
_SYSTEM = re.compile(
    r"SuperPoD|Helios|SuperCluster|scaleX|Panjiu|CloudMatrix|NVL|JUPITER|Alice|Atlas|Craftwerk|^[A-Z]{4,}$|-AI$"
)
_RATES = ("tokens/s", "s", "ms", "images/s", "samples/s", "requests/s")


def is_part(name: Name, text: str) -> bool:
    return name.kind == "chip" and (
        _PART.search(text[max(0, name.start - 30) : name.start]) is not None
        or _PART_OF.match(text, name.end) is not None
        or (
            text[name.end : name.end + 1] in (",", "，", "、")
            and _CHIP_OF_CARD.search(text, max(0, name.start - 40), name.start) is not None
        )
        or _COUNTED_IN.search(text, max(0, name.start - 40), name.start) is not None
    )


def is_other(name: Name, text: str) -> bool:
    """Whether a name is only what something else is compared with."""
    return (
        _is_compared_with(text[max(0, name.start - 40) : name.start])
        or _OTHER_AFTER.match(text, name.end) is not None
    )


@lru_cache(maxsize=32)  # the names of a text, each asked by several readings of it
def _is_compared_with(before: str) -> bool:
    return _OTHER_BEFORE.search(before) is not None


def is_negated(sentence: str, at: int) -> bool:
    """Whether the words before a figure say that it is not so. ("Not only" and "not yet confirmed" do not.)"""
    before = sentence[max(0, at - 64) : at]
    if _UNTRUE.search(before):
        return True
    return (
        _NOT.search(re.sub(r"not (?:only|just|yet|confirmed|quite|even)|不仅|不只", "", before)) is not None
    )


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


def may_own(name: Name, sentence: str, at: int) -> bool:
    """Whether the number at ``at`` can be this name's: it is no part, and no mere comparison."""
    if is_part(name, sentence):
        return False
    if not is_other(name, sentence):
        return True
    if _EQUALS.search(sentence[max(0, name.start - 24) : name.start]):
        return False
    return name.end <= at and _OWN_VALUE.fullmatch(sentence, name.end, at) is not None
