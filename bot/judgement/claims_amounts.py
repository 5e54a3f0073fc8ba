"""How much a comparison says, in figures or in words: "one and a half", 七成, 三分之一, 翻倍. Pure."""

from bot.judgement.claims_numbers import SHARES, ZH_TENTHS, number
from bot.judgement.claims_shapes import COUNTS, FOIS, MAL

ZH_COUNTS = {digit: float(count) for count, digit in enumerate("一二三四五六七八九十", 1)} | {"两": 2.0}
_WORDS = {
    **{word: float(count) for count, word in enumerate(COUNTS, 2)},
    **{word: float(count) for count, word in enumerate(FOIS, 2)},
    **{word: float(count) for count, word in enumerate(MAL, 2)},
    **SHARES,
    "quadruple": 4.0,
    "quadruples": 4.0,
    "one and a half": 1.5,
    "two and a half": 2.5,
    "一半": 50.0,
    "two-thirds": 66.7,
    "three-quarters": 75.0,
    "twice": 2.0,
    "double": 2.0,
    "doubles": 2.0,
    "triple": 3.0,
    "triples": 3.0,
}


def amount_of(amount: str) -> float:
    """A multiple, or per cent of shares."""
    amount = amount.replace("-", " ") if amount.replace("-", " ") in _WORDS else amount
    if amount in ZH_TENTHS:
        return ZH_TENTHS[amount]
    if "分之" in amount:
        whole, part = amount.split("分之")
        return round(100 * ZH_COUNTS[part] / ZH_COUNTS[whole], 1)
    if amount in _WORDS:
        return _WORDS[amount]
    if amount[0] == "翻" or amount.startswith("提升"):
        return 2.0
    return number(amount)
