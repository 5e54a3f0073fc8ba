"""Whose each score is: the order of names and numbers in a sentence tells it. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import may_own

_FOR_NAME = re.compile(r"\s?(?:for|by|in|from|with|of)\s(?:the )?")
#: "1,538 with GLM-6.5 at 1,502"
_HAS_ITS_OWN = re.compile(r" (?:at|on) \d")
#: Between a name and its score: "Gemini 3.1 Pro's 44.4", Gemini 3.1 Pro的44.4.
_ITS_OWN = re.compile(r"(?:'s|\s?的)\s?")


def owners_of(
    sentence: str,
    numbers: Sequence[re.Match[str]],
    subjects: Sequence[Name],
    benchmarks: Sequence[Name],
    main: str,
) -> list[str]:
    """Whose each number is. Names that stand in a row before as many numbers in a row share them in order."""
    owners: list[str] = []
    row: list[str] = []  # the names of the row that was shared last
    left: list[str] = []  # those of them whose number is still to come
    for index, match in enumerate(numbers):
        last = numbers[index - 1].end() if index else 0
        fresh = [name for name in subjects if last <= name.start and name.end <= match.start()]
        count = _run(sentence, numbers, index, [*subjects, *benchmarks])
        named = named_at(sentence, match, subjects)
        if named:
            owners.append(named)
            continue
        if not left and len(fresh) > 1 and count == len(fresh):
            row = [name.text for name in fresh]
            left = list(row)
        elif (
            not left
            and not fresh
            and len(row) > 1
            and count == len(row)
            and _is_set(sentence, match, numbers, index)
        ):
            # One passes the other on SWE-bench (81.4 vs 80.6) and on HLE (39.2 vs 37.7).
            left = list(row)
        elif fresh:
            left = []
        owners.append(left.pop(0) if left else _nearest(sentence, numbers, index, subjects, main))
    return owners


def named_at(sentence: str, match: re.Match[str], subjects: Sequence[Name]) -> str:
    """The name that stands right at a number as its owner: "80.6 for V4 Pro", "V4 Pro's 80.6", "80.6 (V4 Pro)"."""
    after = _FOR_NAME.match(sentence, match.end())
    for name in subjects:
        if (
            (after and name.start == after.end() and not _HAS_ITS_OWN.match(sentence, name.end))
            or _ITS_OWN.fullmatch(sentence, name.end, match.start())
            or (
                re.fullmatch(r"\s?\(", sentence[match.end() : name.start])
                and re.match(r"\s?(?:\)|, ?[a-z])", sentence[name.end :])
            )
        ):
            return name.text
    return ""


_SET_AGAINST = re.compile(r"\s?%?\s?(?:vs\.?|versus|against|to|对|比|/)\s?")


def _is_set(sentence: str, match: re.Match[str], numbers: Sequence[re.Match[str]], index: int) -> bool:
    return (
        index + 1 < len(numbers)
        and _SET_AGAINST.fullmatch(sentence, match.end(), numbers[index + 1].start()) is not None
    )


def _nearest(
    sentence: str, numbers: Sequence[re.Match[str]], index: int, subjects: Sequence[Name], main: str
) -> str:
    match = numbers[index]
    before = [name for name in subjects if name.end <= match.start()]
    if index and not any(numbers[index - 1].end() <= name.start < match.start() for name in subjects):
        own = [name for name in before if may_own(name, sentence, match.start())]
        if not own and main and all(name.text != main for name in before):
            return main
        return (own or before)[-1].text if before else main
    if before:
        own = [name for name in before if may_own(name, sentence, match.start())]
        # "Twice as fast as Gemini 3 Flash, and scores 61.4%": of what the text is about.
        if not own and main and all(name.text != main for name in before):
            return main
        return (own or before)[-1].text
    later = [name for name in subjects if name.start >= match.end()]
    bracketed = [name.text for name in later if sentence[name.start - 1 : name.start] == "("]
    return bracketed[0] if bracketed else main or (later[0].text if later else "")


def _run(sentence: str, numbers: Sequence[re.Match[str]], index: int, names: Sequence[Name]) -> int:
    """How many numbers from this one on stand without a name between them."""
    count = 1
    for one, two in zip(numbers[index:], numbers[index + 1 :], strict=False):
        if any(one.end() <= name.start < two.start() for name in names):
            break
        count += 1
    return count
