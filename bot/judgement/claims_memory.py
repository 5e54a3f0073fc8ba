"""Figures of memory: capacity, its bandwidth, that of links between chips. Not a server's, not a model's weights."""

import re
from collections.abc import Iterator

from bot.judgement.claims_numbers import NUM, Figure, figures_of, number

_MEMORY_PATTERN = re.compile(
    NUM + r"([ptg]b|gigab|terab|go(?= (?:de|et) )|[tg]o(?=/s))(?:ytes?)?"
    r"(/s(?:ec)?|(?<=tb)ps| per second|每秒|/秒)?(?![a-z/])"
)
_INTERCONNECT = re.compile(
    r"互联|互连|片间|卡间|chip-to-chip|die-to-die|card-to-card|interconnect"
    r"|nvlink|unifiedbus|灵衢|(?<!b)link|scale-up|infinity fabric"
)
#: "4.8 PB of memory": what only systems come to.
_POOL = re.compile(r" of (?:total |unified |shared |pooled )?(?:hbm|memory)\b|的?(?:总|统一)?(?:内存|显存)")
_HBM = re.compile(
    r"hbm|显存|hizq|hibl|高带宽内存|high-bandwidth memory|(?<!ddr5 )memory|memoire|speicher(?!band)|内存|vram|[gp]ddr"
)
#: "128 GB and 3.2 TB/s": a capacity beside a bandwidth is of the same memory.
_BESIDE_RATE = re.compile(
    r"\s?(?:of \w+ |usable |total )?(?:and|et|und|at|with|,|，|、|/|@|\||·)\s?(?:带宽)?\s?\d[\d.,]*\s?[tg]b(?:/s|ps)"
)
_AFTER_RATE = re.compile(r"[tg]b(?:/s|ps)\s?(?:,|，|、|/|and)\s?$")
#: "1,000 TFLOPS of dense FP8 with 80 GB": so is one beside a chip's compute.
_AFTER_COMPUTE = re.compile(
    r"(?:(?:[tpe]|tera|peta|exa)?(?:flops?|tops)|(?<=\d )[tpe]f|(?<=\d)[tpe]f)"
    r"(?: of| in| at)?(?: dense| sparse)?(?: (?:fp\d+|bf16|int8))?"
    r"(?:,? (?:and|with)|,) $"
)
#: "a 950DT with 144 GB", "H20 (96 GB)": a chip's own memory needs no word.
_BARE_MEMORY = re.compile(
    r"(?:with|packs|carries|has|offers|搭载|配备|配|with up to|[(（:：,，])\s?(?:an? |only |just |仅)?$"
)


#: Memory that is no rating of a chip: a server's, a model's weights, one stack of several.
_NOT_ITS_MEMORY = re.compile(
    r"(?<!g)(?<!lp)ddr\d|(?<![vd])ram(?![a-z])|ssd|disk|文件|权重|weights|download|占用|stacks? of|footprint|\bneeds"
    r"|requires"
    r"|memory (?:use|usage|consumption)|uses? (?:only |about |just )?$|machines?\b|laptops?\b|macs?\b|mac studio"
)


def _beside_rate(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 40) : match.start()]
    return (
        _AFTER_RATE.search(before) is not None
        or _AFTER_COMPUTE.search(before) is not None
        or _BESIDE_RATE.match(text, match.end()) is not None
    )


#: "HBM would go to 384 GB", "the 141GB part".
_HBM_WILL = re.compile(
    r"(?:hbm\w*|memory|显存|内存) (?:(?:\w+ ){1,3}(?:to|at|totall?ing)|stacks (?:holding|with|for)(?: a total of)?) $"
)
_PART = re.compile(r"\s?-?(?:part|card|chip|accelerator)\b")
_ROW = re.compile(
    r"[,，、;；] ?(?:and |the |huawei's |nvidia's |而)?[a-z\u4e00-\u9fff]{0,12}[\s-]?[a-z]{0,4}\d{1,4}[a-z]{0,3}"
    r"(?:只有|仅有|仅为|为|是|达|则为| has| is| offers| at| only)? ?(?:only |at )?"
)
_GOES_ON = re.compile(r"\s?(?:达到?|至|为|reaching|to)\s?")


#: HBM 576G: the unit cut short behind the word that says what it is of.
_SHORT = re.compile(r"(?:hbm\d?e?|显存|vram)(?:容量)?\s?[:：]?\s?(\d{2,4})g(?![a-z\d/]|\s?(?:颗粒|内存))")


#: メモリー256ギガ
_JAPANESE_SIZE = re.compile(r"メモリー?(?:容量)?[はが]?\s?(\d+)\s?ギガ(?!バイト毎)")
#: メモリー帯域は毎秒2.7テラバイト
_JAPANESE = re.compile(r"帯域(?:幅)?[^\d。、]{0,6}?毎秒\s?(\d+(?:\.\d+)?)\s?(テラ|ギガ)バイト")


def memory_in(text: str, *, rule: bool) -> Iterator[Figure]:
    capacity = ""
    linked = 0  # where the last bandwidth between chips ends
    for match in (
        _SHORT.finditer(text) if not rule and ("hbm" in text or "显存" in text or "vram" in text) else ()
    ):
        yield Figure(
            start=match.start(1), end=match.end(), metric="HBM capacity", value=number(match[1]), unit="GB"
        )
    for match in _JAPANESE.finditer(text) if "バイト" in text else ():
        yield Figure(
            start=match.start(1),
            end=match.end(),
            metric="memory bandwidth",
            value=number(match[1]),
            unit="TB/s" if match[2] == "テラ" else "GB/s",
        )
    for match in _JAPANESE_SIZE.finditer(text) if "ギガ" in text and not rule else ():
        yield Figure(
            start=match.start(1), end=match.end(), metric="HBM capacity", value=number(match[1]), unit="GB"
        )
    for match in _MEMORY_PATTERN.finditer(text):
        unit = f"{match[3][0].upper()}B"
        clause = text[max(0, match.start() - 14) : match.end() + 16]
        if match[4]:
            near = text[max(0, match.start() - 16) : match.end() + 14]
            clauses = re.split(r"[,，、;；]| and ", text[max(0, match.start() - 36) : match.start()])
            # 互联带宽较910C提升2.5倍，达2TB/s: the verb goes on about what was named before the comma.
            before = "".join(clauses[-2:]) if _GOES_ON.fullmatch(clauses[-1]) else clauses[-1]
            after = re.split(r"[,，、;；]| and ", text[match.end() : match.end() + 18])[0]
            # No memory moves petabytes a second without being called one.
            large = match[3] == "pb" and not _HBM.search(before + after)
            on = large or _INTERCONNECT.search(before) or _INTERCONNECT.search(after)
            if (
                not rule
                and not re.search(r"\bstack\b", text[max(0, match.start() - 40) : match.start()])
                and not re.search(r"ethernet|pcie|ssd|disk|硬盘|网络", near)
            ):
                # 互联带宽1.2TB/s，BW1100只有448GB/s: the row goes on about the same.
                between = bool(on) or (linked > 0 and _ROW.fullmatch(text, linked, match.start()) is not None)
                linked = match.end() if between else 0
                metric = "interconnect bandwidth" if between else "memory bandwidth"
                yield from figures_of(text, match, metric, f"{unit}/s")
        elif match[3] == "pb" and not rule and _POOL.match(text, match.end()):
            yield from figures_of(text, match, "HBM capacity", unit)
        elif match[3] == "pb" or rule or _NOT_ITS_MEMORY.search(clause):
            continue
        elif (
            _HBM.search(text[max(0, match.start() - 14) : match.end() + 24])
            or _HBM_WILL.search(text[max(0, match.start() - 40) : match.start()])
            or _PART.match(text, match.end())
            or _beside_rate(text, match)
            or (capacity and _AGAINST.search(text[max(0, match.start() - 24) : match.start()]))
        ):
            capacity = "memory capacity" if "ddr" in clause else "HBM capacity"
            yield from figures_of(text, match, capacity, unit)
        elif _BARE_MEMORY.search(text[max(0, match.start() - 16) : match.start()]) and _chip_before(
            text, match.start()
        ):
            capacity = "HBM capacity"
            yield from figures_of(text, match, capacity, unit)


#: "128 GB of memory, versus 96 GB for the H20": the second needs no word of its own.
_AGAINST = re.compile(
    r"(?:versus|vs\.?|against|compared (?:with|to)|than the|up from|from|而|高于|,|，)\s?[\w\s]{0,12}?$"
)
_CHIP_ENDS = re.compile(
    r"(?:jotunn\d|rhea\d|\d{2,3}[a-z]{0,2}|\d{2}[a-z]\d?)\s?(?:card|accelerator"
    r"|加速卡|芯片|gpu|npu|v2)?s?\s?(?:comes |is fitted |now |seen |announced |ships? |shipping )?$"
)


#: "Each carries 141 GB": what the sentence before named.
_IT = re.compile(
    r"\s*(?:each|it|the (?:card|chip|accelerator|part|gpu)|该芯片|该卡|单卡|每张卡?|每颗)\s?"
    r"(?:itself )?(?:was |is |comes )?(?:announced |seen |shown |fitted )?"
)


def _chip_before(text: str, at: int) -> bool:
    """Whether a chip's number stands before a figure and the one word between them."""
    before = _BARE_MEMORY.sub("", text[max(0, at - 40) : at])
    return _CHIP_ENDS.search(before) is not None or _IT.fullmatch(before) is not None
