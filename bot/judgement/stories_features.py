"""What is compared of an item: concepts, names with versions, numbers, acts and plain words, each with a weight."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from sys import intern
from typing import Any

from bot.judgement.canonical import telling_summary
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.text import STOP_WORDS, STOP_WORDS_ZH, WORD, fold, script_of, stem
from bot.model import PAGE_CHANGE, Grade, Item, Topic, TopicId

#: A word of the summary counts less than one of the title. 0.4 did best on the tuned part of all three sets.
SUMMARY_WEIGHT = 0.4
#: More of a summary than this tells other things than the event.
_SUMMARY_CHARS = 400
#: After one of these a bare number is a version ("Ascend 960"), not a quantity.
_FAMILIES = frozenset(
    """c:ascend c:atlas c:kirin c:cann c:cloudmatrix c:kunpeng c:mindspore c:qwen c:kimi c:pangu c:hunyuan
    c:chips_act c:superpod
    w:gpt w:claud w:gemma w:llama w:gemini w:grok w:helm w:rhea w:titan w:mi w:rtx w:glm w:opus w:gen
    w:version w:windows w:ubuntu w:python w:iphon w:galaxy w:pixel""".split()  # noqa: SIM905 - a list literal would be half a page
)
_MODEL = re.compile(r"(?=.*[a-z])(?=.*\d)[a-z]{0,4}\d+(?:\.\d+)*[a-z]{0,4}")
#: "H200s", "910Cs": several of one model.
_PLURAL = re.compile(r"[a-z]+\d{2,}[a-z]?s|\d{3}[a-z]s")
_QUANTITY = re.compile(
    r"\d+(?:\.\d+)?(?:k|m|b|t|bn|tn|mn|x|gb|tb|mb|nm|w|kw|mw|gw|st|nd|rd|th|s|hz|ghz|am|pm)"
)
# It begins with a digit, which makes the search fast; what stands to its left is tested after.
_NUMBER = re.compile(
    r"(?P<digits>\d(?<![a-z0-9.,]\d)[\d,]*(?:\.\d+)?)"
    r"[\s-]?(?P<unit>%|percent|trillion|tn|billion|bn|million|mn|thousand|万亿|亿|万|千|成|倍|x\b|times|月|日|年|时|分)?"
    r"(?:[a-z]?(?:flops|ops|gb|tb|b|w|m|k|s)\b|(?![a-z0-9]))"
)
_SCALE = {
    "trillion": 1e12, "tn": 1e12, "billion": 1e9, "bn": 1e9, "million": 1e6, "mn": 1e6, "thousand": 1e3,
    "万亿": 1e12, "亿": 1e8, "万": 1e4, "千": 1e3, "成": 10,
}  # fmt: skip
#: A topic is found by few terms when it has no more than these: a name, its spellings, another language.
_FEW_TERMS = 6
#: Look like model names and tell no events apart.
_PRECISIONS = frozenset(
    {"m:fp4", "m:fp8", "m:fp16", "m:bf16", "m:int8", "m:fp32", "m:fp64", "m:mxfp8", "m:hbm3", "m:hbm3e"}
)
_DATE_UNITS = frozenset("月日年时分")
#: A bare number is a version or nothing, by the word before it.
_DEPENDS = "?"
_VERSION_DIGITS = 5
_MONEY = frozenset("$€£¥")
#: An English genitive; a French article or pronoun.
_ELIDED = re.compile(r"'s$|^(?:[ldncjms]|qu)'(?=.{2})")
#: By these a headline says that the other half of it is only the occasion: "A jumps after B unveils V4".
_BECAUSE = re.compile(r"\b(?:after|as|on|following|amid|nach|apres)\b|后|受.{0,8}影响|带动")
#: Shares that may not rise or fall any more that day.
_LIMIT_MOVE = re.compile(r"涨停|跌停|limit[- ](?:up|down)\b")
#: Behind the first, or before the second, stands what came before the event.
_AFTER = re.compile(r"\b(?:after|following|in (?:the )?wake of|amid|nach|apres)\b")
_AFTER_ZH = re.compile(r"(?<![背今随最售])后(?![续台端期者])")
_CLAUSE_ENDS = "，：:,、 ！？"
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One item, ready to be compared. ``terms`` holds weights; a term's first letters tell its kind:
    ``c:`` concept, ``m:`` version or model name, ``#`` number, ``w:`` Latin word, ``z:`` Chinese word."""

    terms: dict[str, float]
    heads: int  # so many of the terms, the first, are of the title
    subject: str  # the first version or model name of the title, "" when it has none
    acts: frozenset[str]
    script: str
    language: str
    publisher: str
    url: str
    key: str
    at: float  # seconds
    rank: int  # of its evidence grade
    voice: frozenset[str] = _NONE  # terms that only its speaker's name has
    occasion: frozenset[str] = _NONE  # acts that the title tells only as what came before
    actor: str = ""  # who speaks for itself, else the first name of the title
    topics: frozenset[TopicId] = frozenset()  # that the item is on by itself
    reacts: bool = False  # tells what markets made of another event
    change: bool = False  # what changed on a watched page: each change is an event of its own


@lru_cache(maxsize=1)
def _segmenter() -> Any:
    import rjieba  # a quarter of a second and 57 MB: only where Chinese is read

    return rjieba.Jieba()


def features_of(
    item: Item, *, key: str, grade: Grade = Grade.REPORT, topics: Iterable[TopicId] = ()
) -> Features:
    """Cut an item. ``key`` is its title key, as canonical.py makes it; ``topics`` are those it is on by itself."""
    publisher = intern(fold(item.publisher))
    title_text = _without_publisher(fold(item.title), publisher)
    title, versions = terms_of(title_text)
    terms = dict.fromkeys(title, 1.0)
    terms.update(dict.fromkeys(_numbers(title_text, versions), 1.0))
    voice, names = _NONE, lexicon().names
    actor = next((term for term in title if term in names), "")
    if grade is Grade.OFFICIAL:
        # Who speaks for itself leaves its name out of the headline: "Login failures", "Statement on press reports".
        speaker = terms_of(publisher)[0]
        voice = frozenset(speaker) - terms.keys()
        terms.update(dict.fromkeys(sorted(voice), 1.0))
        actor = next((term for term in speaker if term in names), speaker[0] if speaker else actor)
    heads = len(terms)
    summary_text = fold(telling_summary(item)[:_SUMMARY_CHARS])
    if summary_text:
        body, versions = terms_of(summary_text)
        for term in body:
            terms.setdefault(term, SUMMARY_WEIGHT)
        for term in _numbers(summary_text, versions):
            terms.setdefault(term, SUMMARY_WEIGHT)
    acts = lexicon().acts.intersection(title) or _NONE
    occasion = _occasion(title_text, acts) if acts else _NONE
    if occasion == acts:  # it tells no act but what came before
        acts = occasion = _NONE
    return Features(
        terms=terms,
        heads=heads,
        subject=next((term for term in title if term[0] == "m" and is_model(term)), ""),
        acts=acts,
        voice=voice,
        occasion=occasion,
        actor=actor,
        topics=frozenset(topics),
        script=script_of(title_text),
        language=intern(item.language[:2].lower()),
        publisher=publisher,
        url=item.url,
        key=key,
        at=item.published.timestamp(),
        rank=grade.rank,
        reacts=_is_reaction(title_text, title),
        change=item.external_id.startswith(PAGE_CHANGE),
    )


def without_terms(features: Features) -> Features:
    """The same of an item that tells no event: it is like no other, and no other is like it."""
    return replace(features, terms={}, heads=0, subject="", acts=_NONE, voice=_NONE, occasion=_NONE, actor="")


def _occasion(text: str, acts: frozenset[str]) -> frozenset[str]:
    """Of the acts of a headline those that came before what it tells: "API down after V4 launch"."""
    if found := _AFTER.search(text):
        told, past = text[: found.start()], text[found.end() :]
        if not told.strip():
            past, _, told = past.partition(",")
    elif found := _AFTER_ZH.search(text):
        start = max(text.rfind(mark, 0, found.start()) for mark in _CLAUSE_ENDS) + 1
        told, past = text[:start] + text[found.end() :], text[start : found.start()]
    else:
        return _NONE
    return acts.intersection(terms_of(past)[0]).difference(terms_of(told)[0]) or _NONE


def _is_reaction(text: str, terms: Sequence[str]) -> bool:
    """Whether a headline speaks of the rise or fall of shares, or of any with its occasion."""
    if "c:rise" not in terms and "c:fall" not in terms:
        return _LIMIT_MOVE.search(text) is not None
    return "c:stock" in terms or _BECAUSE.search(text) is not None


def is_model(term: str) -> bool:
    """Whether a term is a version or a model name that tells things apart."""
    return term[0] == "m" and term not in _PRECISIONS


def subjects_of(topics: Iterable[Topic]) -> frozenset[str]:
    """The words that nearly every item of a topic says, because the topic has few terms to be found by. A topic with
    many terms is known by each in some of its items only, and there a term does tell stories apart."""
    found: set[str] = set()
    for topic in topics:
        written = (*topic.any.all(), *topic.all.all())
        if len(written) <= _FEW_TERMS and not topic.together:
            found.update(term for text in written for term in terms_of(fold(text.strip("*=")))[0])
    return frozenset(found)


def _without_publisher(title: str, publisher: str) -> str:
    """Headlines of aggregators end in the outlet's name ("... - The Register")."""
    head, mark, tail = title.rpartition(" - " if " - " in title else " | ")
    return head if mark and head and tail.strip() == publisher else title


@lru_cache(maxsize=64)  # a headline is also asked which versions it names; publishers come again
def terms_of(text: str, *, names_alone: bool = False) -> tuple[tuple[str, ...], frozenset[str]]:
    """Terms of folded text in order, and the bare numbers among them that are versions. ``names_alone``: without plain
    Chinese words, for which a dictionary is loaded."""
    words = WORD.findall(text)
    if "'" in text:
        words = [_ELIDED.sub("", word) if "'" in word else word for word in words]
    terms: list[str] = []
    versions: set[str] = set()
    plain, table = _plain_words, lexicon()
    openings = table.openings
    skip = 0
    for at, word in enumerate(words):
        if skip:
            skip -= 1
            continue
        if word in openings and at + 1 < len(words) and words[at + 1] in openings[word]:
            found = table.phrase(words, at)
            if found is not None:
                terms.append(found[0])
                skip = found[1] - 1
                continue
        known = plain.get(word)
        if known is not None:
            if known:
                terms.append(known)
            continue
        if word[0] > "\u2fff":
            terms += _han_terms(word, names_alone=names_alone)
            continue
        term = table.alone(word) or _latin_term(word)
        if term == _DEPENDS:
            term = _version(terms[-1], word) if terms and terms[-1] in _FAMILIES else ""
        elif term[:2] == "c:" or word[0].isalpha():
            _keep_plain(word, term)
        if term:
            terms.append(term)
            if term[0] == "m" and word[0].isdigit():
                versions.add(word)
    return tuple(terms), frozenset(versions)


#: Words that have one term wherever they open no phrase: most of a text.
_plain_words: dict[str, str] = {}
_PLAIN_KEPT = 32_768


def _keep_plain(word: str, term: str) -> None:
    if len(_plain_words) >= _PLAIN_KEPT:
        _plain_words.clear()
    _plain_words[word] = term


def _latin_term(word: str) -> str:
    if word.isalpha():
        return "" if word in STOP_WORDS or len(word) < 2 else f"w:{stem(word)}"
    if word.replace(".", "").isdigit():
        return _DEPENDS
    if _MODEL.fullmatch(word):
        if _PLURAL.fullmatch(word):
            word = word[:-1]
        return "" if _QUANTITY.fullmatch(word) else f"m:{word}"
    return "" if word in STOP_WORDS else f"w:{word}"


def _version(family: str, number: str) -> str:
    """The version that a bare number behind a family's name is, "" for a quantity. A short one is nothing without the
    name: "Qwen 4" is "Qwen4", and neither is "GPT-4"."""
    number = re.sub(r"(?:\.0)+$", "", number)
    if len(number) > _VERSION_DIGITS:
        return ""
    return f"m:{number}" if len(number.partition(".")[0]) > 2 else f"m:{family[2:].rstrip('_')}{number}"


def _han_terms(run: str, *, names_alone: bool) -> list[str]:
    """Concepts of a run of Chinese characters (longest first), and the words of what is left."""
    if names_alone:
        return [concept for concept, _, _ in lexicon().han(run)]
    terms: list[str] = []
    rest_from = 0
    for concept, start, end in lexicon().han(run):
        terms.extend(_plain_han(run[rest_from:start]))
        terms.append(concept)
        rest_from = end
    terms.extend(_plain_han(run[rest_from:]))
    return terms


def _plain_han(run: str) -> list[str]:
    if len(run) < 2:
        return []
    return [f"z:{word}" for word in _segmenter().cut(run) if len(word) > 1 and word not in STOP_WORDS_ZH]


def _numbers(text: str, versions: frozenset[str]) -> list[str]:
    """Quantities of folded text as comparable terms: 600,000 and 60万 are one. Years, dates and small counts
    say too little to compare and are left out. In the order of the text: what is read of an item must not differ from
    run to run."""
    found = []
    for match in _NUMBER.finditer(text):
        digits, unit = match["digits"].replace(",", ""), match["unit"] or ""
        if unit in _DATE_UNITS or digits in versions:
            continue
        value = float(digits[:15]) * _SCALE.get(unit, 1)
        kind = "%" if unit in ("%", "percent", "成") else "x" if unit in ("倍", "x", "times") else ""
        if (
            kind
            or text[match.start() - 1 : match.start()] in _MONEY
            or unit
            or (value >= 10 and not 1990 <= value <= 2035)
        ):
            found.append(f"#{value:g}{kind}")
    return found
