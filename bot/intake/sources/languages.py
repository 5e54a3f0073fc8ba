"""Language names and tags as two-letter codes. Pure."""

import re

_NAMES = {
    "english": "en", "chinese": "zh", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
    "japanese": "ja", "korean": "ko", "russian": "ru", "portuguese": "pt", "dutch": "nl", "polish": "pl",
}  # fmt: skip
_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_-]{1,20})?")


def language_code(said: object) -> str:
    """``"zh-CN"`` and ``"Chinese"`` are ``"zh"``; ``""`` for what is no language."""
    if not isinstance(said, str):
        return ""
    name = said.strip().lower()
    if name in _NAMES:
        return _NAMES[name]
    tag = _TAG.fullmatch(name)
    return tag[1] if tag else ""
