"""Two telling sentences out of a text, word for word. Pure."""

import re
from dataclasses import dataclass
from itertools import pairwise

from bot.judgement.text import STOP_WORDS, STOP_WORDS_ZH, WORD, fold, stem

#: What a reader of an alert takes in at a glance.
MOST_SENTENCES, MOST_CHARS = 2, 400
#: Sentences that are compared: the news of a news text stands at its beginning.
_MOST_COMPARED = 80
_LONGEST, _SHORTEST, _SHORTEST_ZH = 330, 35, 14
#: An article in which fewer of its title's words occur is about something else (a soft 404, a list, another language).
_LEAST_ABOUT = 0.4
_HAN = re.compile(r"[\u3400-\u9fff]")
_END = re.compile(r"[.!?。！？…][\"'”’」』）)]*$")
_BORDER_ZH = re.compile(r"(?<=[。！？])(?![。！？”’」』）)])|(?<=[。！？][”’」』）)])(?![”’」』）)])")
_BORDER = re.compile(r"(?<=[.!?…])[\"'”’)]{0,2}(\s+)(?=[\"'“‘(]?[A-Z0-9\u00c0-\u00de\u3400-\u9fff])")
#: Words that end in a full stop without ending a sentence.
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“])(?:[A-Z]|(?:[A-Za-z]\.)+[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Gen|Sen|Rep|Gov|Lt|Col|Jr|Sr|Inc|Corp|Ltd|Co|No"
    r"|vs|v|approx|est|fig|Fig|cf|al|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|Nr|bzw|ca|usw)\.$"
)
_BOILERPLATE = re.compile(
    r"cookie|newsletter|subscri(?:be|ber|ption)|sign(?:ed)? up|log in|your inbox|all rights reserved|©|copyright"
    r"|advertis|affiliate|commission|click here|read more|continue reading|follow us|share this|related:"
    r"|image credit|photo:|getty"
    r"|terms of (?:use|service)|privacy policy|javascript|your browser|first appeared on"
    r"|this (?:article|story|post) (?:was|is|has been)|additional reporting|editing by|reporting by"
    r"|join (?:our|the) |download our|opens in new|see also:"
    r"|abonnieren|datenschutz|关注|订阅|扫码|二维码|公众号|版权|责任编辑|责编|转载|点击|编辑[:：]|作者[:：]|来源[:：]|图源|图片"
    r"|本文|免责声明|投资建议|广告|登录|注册",
    re.I,
)
#: Sentences that lean on the one before.
_DANGLING = re.compile(
    r"(?:he|she|it|they|this|that|these|those|but|however|and|or|so|yet|still|instead|meanwhile|also|then|there|his|her|its"
    r"|their|er|sie|das|dies|aber)\b|(?:这|那|其|他|她|它|但|不过|然而|而且|此外|因此|所以|同时|另外|对此|该)",
    re.I,
)
_NAME = re.compile(r"(?<=\s)[A-Z][\w-]{2,}")
_LATIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9.-]{1,}")
_NUMBER = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    at: int
    paragraph: int
    text: str
    terms: frozenset[str]


def summarise(text: str, *, title: str, told: str = "") -> str:
    """At most two sentences of ``text`` (a paragraph a line), at most 400 characters in all, in their order; "" when
    it is not about ``title`` or has no fit sentence.

    ``told`` is what the source says of it. A sentence scores by its place, by what it shares with title and ``told``,
    and by the names and numbers in it; the second must not repeat the first.
    """
    named, helped = terms(title), terms(told)
    if about(title, text) < _LEAST_ABOUT and about(f"{title} {told}", text) < _LEAST_ABOUT:
        return ""
    found = _candidates(text, named)
    if not found:
        return ""
    scores = {sentence.at: _score(sentence, named, helped) for sentence in found}
    first = max(found, key=lambda sentence: (scores[sentence.at], -sentence.at))

    def second(sentence: _Sentence) -> float:
        follows = 0.35 if sentence.at == first.at + 1 else 0.0
        return scores[sentence.at] + follows - 1.5 * _alike(sentence.terms, first.terms)

    room = MOST_CHARS - len(first.text) - 1
    others = [each for each in found if each.at != first.at and len(each.text) <= room]
    others = [each for each in others if not _DANGLING.match(each.text) or each.at == first.at + 1]
    chosen = [first, *([max(others, key=lambda each: (second(each), -each.at))] if others else [])]
    return _joined([sentence.text for sentence in sorted(chosen, key=lambda sentence: sentence.at)])


def brief(summary: str) -> str:
    """The first two sentences of what a source says itself, at most 400 characters, cut at a word's border."""
    taken: list[str] = []
    for sentence in sentences(summary.strip())[:MOST_SENTENCES]:
        if taken and len(_joined([*taken, sentence])) > MOST_CHARS:
            break
        taken.append(sentence)
    text = _joined(taken)
    if len(text) <= MOST_CHARS:
        return text
    head = text[: MOST_CHARS - 1]
    border = head.rfind(" ")
    return (head[:border] if border > MOST_CHARS - 30 else head).rstrip(" ,;:-，、；：") + "…"


def better(article: str, own: str) -> str:
    """The article's sentences, unless the source's own words (brief) say more than the one that was found."""
    if not article or (len(article) < 80 and len(own) > len(article) and not _HAN.search(article)):
        return own
    return article


def sane_keywords(keywords: tuple[str, ...], *, text: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Up to four of a page's keywords: short, not known yet, and really in ``text``."""
    folded, seen = fold(text), {fold(name) for name in known}
    kept: list[str] = []
    for keyword in keywords:
        key = fold(keyword).strip()
        plain = key.replace(" ", "").replace("-", "").replace("+", "").replace(".", "")
        if key in seen or key in _GENERIC or len(key.split()) > 4 or not plain.isalnum() or plain.isdigit():
            continue
        if not re.search(rf"(?<![a-z0-9]){re.escape(key)}(?![a-z0-9])", folded):
            continue
        seen.add(key)
        kept.append(keyword)
    return tuple(kept[:4])


_GENERIC = frozenset(
    """news technology tech business world latest update article story home politics finance markets opinion blog
    international breaking trending features general other science reuters bbc cnn
    新闻 科技 资讯 快讯 财经 国际""".split()  # noqa: SIM905
)


def about(title: str, text: str) -> float:
    """The share of the title's words that the text has: 0 is none, 1 is all; 1 where the title has no words."""
    wanted = terms(title)
    return len(wanted & terms(text[:6000])) / len(wanted) if wanted else 1.0


def terms(text: str) -> frozenset[str]:
    """What a text speaks of: stems of Latin words and numbers, pairs of Chinese characters."""
    found: set[str] = set()
    for word in WORD.findall(fold(text)):
        if not _HAN.match(word):
            if word not in STOP_WORDS and (len(word) > 1 or word.isdigit()):
                found.add(stem(word))
        else:
            found.update(pair for a, b in pairwise(word) if (pair := a + b) not in STOP_WORDS_ZH)
    return frozenset(found)


def sentences(line: str) -> list[str]:
    """The sentences of one line, in English, Chinese and what is written like them. Their text stays as it is."""
    parts = [part for part in _BORDER_ZH.split(line) if part.strip()]
    found: list[str] = []
    for part in parts:
        start = 0
        for border in _BORDER.finditer(part):
            head = part[start : border.start(1)]
            if _ABBREVIATED.search(head[-12:]):
                continue
            found.append(head.strip())
            start = border.end()
        found.append(part[start:].strip())
    return [sentence for sentence in found if sentence]


def _candidates(text: str, named: frozenset[str]) -> list[_Sentence]:
    found: list[_Sentence] = []
    at = 0
    for paragraph, line in enumerate(text.splitlines()):
        for sentence in sentences(line):
            at += 1
            if at > _MOST_COMPARED:
                return found
            if (
                _fits(sentence) and _alike(said := terms(sentence), named) < 0.8
            ):  # 0.8: the headline once more
                found.append(_Sentence(at=at, paragraph=paragraph, text=sentence, terms=said))
    return found


def _fits(sentence: str) -> bool:
    least = _SHORTEST_ZH if _HAN.search(sentence) else _SHORTEST
    if not least <= len(sentence) <= _LONGEST or not _END.search(sentence) or sentence.endswith("…"):
        return False
    letters = [ch for ch in sentence if ch.isalpha()]
    shouted = sum(ch.isupper() for ch in letters) > len(letters) * 0.6
    return bool(letters) and not shouted and not _BOILERPLATE.search(sentence)


def _score(sentence: _Sentence, named: frozenset[str], helped: frozenset[str]) -> float:
    text = sentence.text
    place = 1.6 / (1.0 + 0.25 * sentence.paragraph) + (0.2 if sentence.at == 1 else 0.0)
    shared = 1.6 * _share(sentence.terms, named) + 0.6 * _share(sentence.terms, helped)
    names = _LATIN_NAME.findall(text) if _HAN.search(text) else _NAME.findall(text)
    telling = 0.08 * min(len(names), 4) + (0.2 if _NUMBER.search(text) else 0.0)
    weak = 0.5 * bool(_DANGLING.match(text)) + 0.5 * text.rstrip("\"'”’」』").endswith(("?", "？"))
    quoted = 0.2 if text[0] in '"“‘「『' else 0.0
    return place + shared + telling - weak - quoted


def _share(said: frozenset[str], wanted: frozenset[str]) -> float:
    return len(said & wanted) / len(wanted) if wanted else 0.0


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _joined(parts: list[str]) -> str:
    text = ""
    for part in parts:
        text += part if not text or text[-1] in "。！？”」』" else f" {part}"
    return text
