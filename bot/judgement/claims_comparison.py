"""One comparison of a sentence with masked names as a claim: whose it is, and whether it is one at all. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_amounts import ZH_COUNTS, amount_of
from bot.judgement.claims_compared_in import clause_of, metric_of, precision_of
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_shapes import MASKED
from bot.model import Claim

#: What a comparison is not about: prices, sales, yields and the like.
_NOT = re.compile(
    r"price|cost(?!s \d)|(?<![a-z])tpp(?![a-z])|total processing|yuan|\$|revenue|sales|shares?\b"
    r"|per (?:dollar|joule)|tokens/joule|训练数据|数据量|参数|语料|(?<!energy[- ])(?<!power[- ])efficien|效率|性价比"
    r"|\bjetons|(?<!output )tokens (?:of|than)|orders?\b|units|output(?! tokens)|yield|tariff|larger|smaller|bigger"
    r"|cheaper|规模|体量|价|售|营收|收入|订单|良率|产量|出货|成本|市值|股|关税"
)
#: "Under 45% of a Rubin in FP4"
_BARE = re.compile(r"\d[\d.,]*\s?(?:%|percent|x|×|times) (?:of )?(?:an? |the |nvidia's |amd's )*\x00\d+\x00")
_IN_FORMAT = re.compile(r" (?:in|at) (?:dense )?(?:(?:nv|mx)?fp\d+|bf16|int8)\b")
#: "$24,000. That is 15% more than the 950DT and 60% of the street price of an H200".
_MORE_THAN = re.compile(r"\d[\d.]*\s?(?:%|percent) more than (?:the |an? )?")
_SOLD = re.compile(r"price|\bcosts?\b|\$|yuan")
#: "At $16,000, 20% above": a comparison right behind a price is of prices.
_PRICED = re.compile(r"[$€¥]\s?\d[\d.,]*(?: \w+)?,? $|\d(?: yuan|万?元),?\s?$")
#: SPECint2017 9.7分，达到酷睿i5-12400的83%: a share of the other's score, not that score.
_REACHES = re.compile(r"(?:达到?|相当于|约为)\s?$")
_SET_AGAINST = re.compile(
    r"\b(?:above|below|under|over|than|past|beyond|behind|against|versus|to|from"
    r"|short of|ahead of|passing|beating) the $"
)
#: 训练数据50万亿token，是Qwen3的1.4倍
_MUCH = re.compile(r"(?:数据|参数)[^，。,]*[，,]\s?约?[是为]$")
#: "Its context window is 2 million tokens, four times that of Qwen3.5"
_LENGTH = re.compile(r"context|window|parameter|\bprice|\bcosts?\b")
#: "15% of H20 and MI308 revenue"
_AND_OTHER = re.compile(r"\s(?:and|or)\s\x00\d+\x00(.{0,16})")
#: "Within 5% of X": a distance.
_WITHIN = re.compile(r"\bwithin (?:about |some )?$")
#: "On 8x H200": how many, not how much.
_BOX = re.compile(r"\s\d|\s?(?:systems?|servers?|nodes?|box|machine|cluster|rack|cards?|gpus?)\b")
_COUNTED = re.compile(r"\b(?:on|with|using|across|via|of|per|an?)\s$")
#: Shapes whose first group is what is compared with; of the others it is the third.
NAME_FIRST = ("by", "byx", "zx", "z%")


def comparison(
    masked: str, match: re.Match[str], shape: str, names: Sequence[Name], main: str, compared: frozenset[int]
) -> Claim | None:
    first, second, third = match[1], match[2], match[3]
    if shape in NAME_FIRST:
        other, amount, top = names[int(first)], second, third
    else:
        other, amount, top = names[int(third)], first, second
    subject = subject_at(masked, match, names, main, other.text, compared)
    before, told, behind = clause_of(masked, match, before=30, after=25).partition(match[0])
    near = (
        before + told + behind.partition("、")[0]
    )  # 性能高四成、能效是其3倍: what is listed next is another's affair
    if _MORE_THAN.fullmatch(match[0].split("\x00")[0]) and _SOLD.search(masked):
        return None
    if not subject or subject == other.text or _NOT.search(near):
        return None
    # 低于Gemini的44.4%: beside a benchmark's name this is the other's score.
    scored = next((name for name in reversed(names) if name.kind == "benchmark"), None)
    reached = _REACHES.search(masked, max(0, match.start() - 6), match.start()) is not None
    if shape == "z%" and masked[match.end(1) + 1] == "的" and scored and not reached and amount[0].isdigit():
        return None
    # "A hair above the 57.7% of GPT-5.4": so it is in English.
    if shape == "%" and scored and _SET_AGAINST.search(masked, max(0, match.start() - 20), match.start()):
        return None
    if "that of" in match[0] and _LENGTH.search(masked, max(0, match.start() - 60), match.start()):
        return None
    if _MUCH.search(masked, max(0, match.start() - 30), match.start()):
        return None
    unit = "x" if shape.endswith("x") else "%"
    shared = _AND_OTHER.match(masked, match.end())
    if shared and _NOT.search(shared[1]):
        return None
    if _WITHIN.search(masked[: match.start()]):
        return None
    bare = (
        shape == "x"
        and amount.isdecimal()
        and re.fullmatch(r"\s?[x×]\s", masked[match.end(1) : match.start(3) - 1])
    )
    if bare and (_COUNTED.search(masked[: match.start()]) or _BOX.match(masked, match.end())):
        return None
    value = ZH_COUNTS[amount] if unit == "x" and amount in ZH_COUNTS else amount_of(amount)
    if (
        amount in ZH_TENTHS
        and match[0].endswith("成")
        and masked[match.end() : match.end() + 1] in ("五", "半")
    ):
        value += 5  # 七成五
    metric = metric_of(masked, match, of_model=other.kind == "model")
    if metric == "performance" and scored and (reached or (shape == "z%" and amount in ZH_TENTHS)):
        metric = scored.text
    if metric == "performance" and _BARE.fullmatch(match[0]) and _IN_FORMAT.match(masked, match.end()):
        metric = "compute"
    if metric == "performance" and _PRICED.search(masked, max(0, match.start() - 16), match.start()):
        return None
    return Claim(
        subject=subject,
        metric=metric,
        value=value,
        unit=unit,
        precision=precision_of(masked, match),
        relative_to=other.text,
        value_max=float(top) if top else None,
    )


def subject_at(
    masked: str, match: re.Match[str], names: Sequence[Name], main: str, other: str, compared: frozenset[int]
) -> str:
    stand = [int(index) for index in re.findall(MASKED, masked[: match.start()])]
    before = [index for index in stand if index not in compared] or ([] if main and main != other else stand)
    kind = next((name.kind for name in names if name.text == other), "")
    subjects = [names[index].text for index in before if names[index].text != other]
    # A chip is compared with a chip: "the 910C reaches 1.2 times an H20 on DeepSeek V4".
    subjects = [
        names[index].text for index in before if names[index].text != other and names[index].kind == kind
    ] or subjects
    if subjects:
        # "launches Atlas 350 with Ascend 950PR, claims 2.8x": the first is what the sentence is about.
        parts = re.search(rf"{MASKED}\s(?:with|using)\s[^\x00]*{MASKED}[^\x00]*$", masked[: match.start()])
        return subjects[0] if parts else subjects[-1]
    # 与H20相比，昆仑芯M100的解码吞吐高出15%
    inside = [names[int(index)].text for index in re.findall(MASKED, match[0])]
    if len(inside) > 1 and inside[-1] != other:
        return inside[-1]
    later = [names[int(index)].text for index in re.findall(MASKED, masked[match.end() :])]
    return main if main and main != other else next((text for text in later if text != other), "")
