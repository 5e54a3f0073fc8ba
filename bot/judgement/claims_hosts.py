"""What runs on what, and whose the rate then is: cards, the models on them, the kernels between them. Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import Figure

_ON = re.compile(
    r"\b(?:on|across|with|using|via)\s(?:(?:an?|one|two|four|eight|sixteen|\d+|single|just|only|nvidia|huawei"
    r"|node of|cluster of|pair of|second-hand|used|old|\d+ ?gb)(?:x|\s)\s?)*$"
)
PER_CARD = re.compile(
    r"单卡|per[- ](?:card|chip|gpu|npu|device|accelerator)|/(?:gpu|npu|card|chip)|a card|每卡|每颗|单芯片|单芯"
)
_RUNS = re.compile(
    r"(?: (?:rack|cards?|chips?|cluster|system|wafer|box|node|server))?"
    r"(?: (?:runs|serves|running|serving|ran|served) )(?:the |full )?"
)
_DO = re.compile(
    r"\s?(?:cards?|chips?|gpus?|npus?)?,? ?(?:do|get|reache?|hit|manage|deliver)(?:e?s)?\s.{0,14}"
)


#: 8卡BW1100跑DeepSeek V4 Flash: what a counted number of cards was set up for.
_COUNTED_CARDS = re.compile(r"(?<![\d.])\d+\s?(?:张|颗|块|台|卡|[x×])\s?[\u4e00-\u9fff]{0,6}\s?$")
_SET_UP = re.compile(
    r"\s?(?:卡|加速卡|芯片|服务器|集群|单机)?\s?上?(?:就能|可|即可)?(?:部署|运行|跑通|跑|承载)了?\s?"
)


def served_by(sentence: str, figure: Figure, subjects: Sequence[Name]) -> str:
    """The model that several cards together serve, whose the rate then is."""
    if "部署" not in sentence and "跑" not in sentence and "运行" not in sentence:
        return ""
    if PER_CARD.search(sentence, max(0, figure.start - 10), figure.start):
        return ""
    for one, two in pairwise(subjects):
        if (
            one.kind == "chip"
            and two.kind == "model"
            and two.end <= figure.start
            and _SET_UP.fullmatch(sentence, one.end, two.start)
            and _COUNTED_CARDS.search(sentence, 0, one.start)
        ):
            return two.text
    return ""


def host_of(sentence: str, figure: Figure, subjects: Sequence[Name]) -> str:
    """The chip that a rate is told of though a model stands nearer: "WSE-4 runs Kimi K3 at", "910B cards do 37 tok/s on
    GLM-5"."""
    for one, two in pairwise(subjects):
        if one.kind == "chip" and two.kind == "model" and two.end <= figure.start:
            if _RUNS.fullmatch(sentence, one.end, two.start):
                return one.text
        elif (
            one.kind == "chip" and two.kind == "model" and one.end <= figure.start and two.start >= figure.end
        ):
            on = re.fullmatch(r"\s?(?:on|with|in) ", sentence[figure.end : two.start])
            if on and not is_place(one, sentence) and _DO.fullmatch(sentence, one.end, figure.start):
                return one.text
    return ""


#: "GLM-5.2-Air answers at 143 tokens per second on one H200": a model's rate, wherever it runs.
_TALKS = re.compile(
    r"(?: (?:prefill|decode|decoding))? "
    r"(?:runs|reaches|gets|hits|manages|does|achieves|answers|generates|talks|writes|types|streams|responds|outputs) "
    r"(?:at |with )?(?:about |some )?"
)


def talker_of(sentence: str, figure: Figure, subjects: Sequence[Name]) -> str:
    if sum(name.kind == "chip" for name in subjects) > 1:
        return ""  # told of one chip against another
    for name in subjects:
        if name.kind == "model" and _TALKS.fullmatch(sentence, name.end, figure.start):
            return name.text
    return ""


def is_place(name: Name, sentence: str) -> bool:
    """Whether a chip is only what a model runs on: "on four RTX 5090 cards", 在4090上."""
    return name.kind == "chip" and (
        _ON.search(sentence[max(0, name.start - 30) : name.start]) is not None
        or (
            re.search(r"在[^，。]{0,10}$", sentence[: name.start]) is not None
            and re.match(r"\s?(?:显卡|单卡|卡|服务器|集群|整机)?上", sentence[name.end :]) is not None
        )
    )


#: "FlashMLA reaches 660 TFLOPS on H800": a kernel is rated, wherever it runs.
_KERNEL = re.compile(
    r"\b(flashmla|deepgemm|flash-?attention(?:-\d)?|flashattention \d)(?:'s)?(?: kernels?|\s?新?内核|算子)?"
    r"(?: (?:now |already )?(?:reaches|reached|hits|achieves|gets|peaks at|runs at|delivers)(?: up to)?"
    r"|\s?在[^,，。]{1,12}上(?:已|可)?(?:达到?|跑到|跑出|实现))\s?(?:about |about |约)?$"
)
_KERNELS = {"flashmla": "FlashMLA", "deepgemm": "DeepGEMM"}


def kernel_of(sentence: str, figure: Figure) -> str:
    """The kernel that right before a figure is said to reach it."""
    if "flash" not in sentence and "deepgemm" not in sentence:
        return ""
    match = _KERNEL.search(sentence, max(0, figure.start - 60), figure.start)
    if match is None:
        return ""
    return _KERNELS.get(match[1]) or match[1].replace("flash-", "flash").replace(
        "flashattention", "FlashAttention"
    )


def is_kernel(subject: str) -> bool:
    return subject.startswith(("FlashMLA", "DeepGEMM", "FlashAttention"))
