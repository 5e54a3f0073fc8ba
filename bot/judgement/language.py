"""Guesses the language of a short text by script and, for Latin scripts, by its little words."""

import re

_KANA = re.compile(r"[\u3041-\u309f\u30a0-\u30fa\u30fc-\u30ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OTHER_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
)
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]+")
_LITTLE_WORDS = {
    "en": "the of to and in is for on with as at by from its it be are was will that this has after over says new",
    "de": "der die das und ist für mit den dem des von zu im auf ein eine einen nicht wird sich auch nach über erste",
    "fr": "le la les des du et est une un pour dans sur avec par au aux que qui son ses se ce plus sa l d",
    "es": "el la los las de del y en un una para con por que se su al más es",
    "it": "il lo la gli le di del della e in un una per con che si è al nel alla",
    "nl": "de het een van en in is op met voor te dat zijn aan bij niet wordt",
    "pt": "o a os as de do da e em um uma para com por que se no na ao mais",
}
_BY_WORD: dict[str, list[str]] = {}
for _language, _words in _LITTLE_WORDS.items():
    for _word in _words.split():
        _BY_WORD.setdefault(_word, []).append(_language)


def detect_language(text: str) -> str:
    """A two-letter code. ``en`` for Latin text that tells nothing else, "" for text without letters."""
    if text.isascii():
        return _by_little_words(text) if _LETTER.search(text) else ""
    kana, han = len(_KANA.findall(text)), len(_HAN.findall(text))
    if kana and kana * 8 >= han:
        return "ja"
    if han:
        # A Chinese name inside a Latin sentence does not make it Chinese; names in Latin are common in Chinese.
        latin_words = sum(1 for word in _WORD.findall(_HAN.sub(" ", text)) if len(word) > 1)
        return "zh" if han * 2 >= latin_words else _by_little_words(text)
    for language, script in _OTHER_SCRIPTS:
        if script.search(text):
            return language
    return _by_little_words(text) if _LETTER.search(text) else ""


def _by_little_words(text: str) -> str:
    votes: dict[str, float] = {"en": 0.6}
    for word in _WORD.findall(text.lower()):
        for language in _BY_WORD.get(word, ()):
            votes[language] = votes.get(language, 0.0) + (1.0 if len(word) > 1 else 0.3)
    if "ß" in text or "ü" in text or "ä" in text:
        votes["de"] = votes.get("de", 0.0) + 1.0
    return max(votes, key=lambda language: votes[language])
