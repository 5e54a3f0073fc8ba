"""What part a name plays in its sentence: what is told of, a part of that, or what it is set against."""

import re
from functools import lru_cache

from bot.judgement.claims_names import Name

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
_DET = (
    r"(?:the |an? |its |nvidia's |huawei's |nvidia |huawei |amd's "
    r"|amd |英伟达的?|华为的?|amd的?|openai's |google's |anthropic's )*"
)
_OTHER_BEFORE = re.compile(
    r"(?:(?:%|percent|per cent) of|\d\.\d+(?:x|×)|(?:\dx|\d×|\btimes) the [\w -]{1,32} of"
    r"|\b(?:beside|next to) the \d[\d.,]*\s?[a-z/]+ of"
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
_NOT = re.compile(
    r"(?:\b(?:not|never|cannot|fail(?:s|ed)? to|falls? short of"
    r"|fell short of|short of|denie[sd]|deny|no longer)\b|n't"
    r"|没有|未能|未达到?|并非|而非|不是|否认|无法|达不到|误写为?|误报为?|误称为?)[^,，:：;；。.]{0,24}$"
)
_UNTRUE = re.compile(
    r"\b(?:not true|untrue|false|wrong) that\b|denie[sd] (?:that|reports|claims|rumou?rs)|否认"
)


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


def may_own(name: Name, sentence: str, at: int) -> bool:
    """Whether the number at ``at`` can be this name's: it is no part, and no mere comparison."""
    if is_part(name, sentence):
        return False
    if not is_other(name, sentence):
        return True
    if _EQUALS.search(sentence[max(0, name.start - 24) : name.start]):
        return False
    return name.end <= at and _OWN_VALUE.fullmatch(sentence, name.end, at) is not None
