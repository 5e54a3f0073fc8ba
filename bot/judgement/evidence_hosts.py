"""What a host name says by itself: whose it looks like, whose registered domain it is below. Pure."""

import re
from functools import lru_cache

from bot.judgement.addresses import is_machine
from bot.judgement.text import fold

GOVERNMENT = re.compile(
    r"(?:^|\.)(?:gov|mil|europa\.eu|admin\.ch|bund\.de|gc\.ca|parliament\.uk|bundestag\.de|assemblee-nationale\.fr|senat\.fr"
    r"|(?:gov|gouv|gob|gov?t|go|gv|mil|government)\.[a-z]{2})$"
)
#: Where anybody gets a host name: the name of the site says nothing about who writes below it.
_SHARED_HOSTS = re.compile(
    r"(?:^|\.)(?:blogspot\.[a-z.]+|wordpress\.com|github\.io|gitlab\.io|pages\.dev|workers\.dev|web\.app|vercel\.app"
    r"|netlify\.app|notion\.site|gitbook\.io|readthedocs\.io|hf\.space|tumblr\.com|ghost\.io|wixsite\.com|weebly\.com"
    r"|beehiiv\.com|substack\.com|medium\.com|cloudfront\.net|amazonaws\.com|azurewebsites\.net|herokuapp\.com)$"
)
_SECOND_LEVEL = frozenset(("com", "co", "org", "net", "ac", "edu", "or", "ne", "gov", "go"))
_LOOKS_LIKE = str.maketrans("аеорсухіїѕԁһӏνωοταρκ013457", "aeopcyxiisdhlvwotapkoleast")
_TELLING = 3  # letters from which on a host's label inside a name tells something
NOT_ALNUM = re.compile(r"[^a-z0-9]+")


def look_alike_of(host: str, protected: dict[str, str]) -> str:
    """Why a host that is in no table looks as if it were somebody's, "" when it does not."""
    labels = host.split(".")
    own = labels[: -_suffix_length(labels)]
    tokens = {token for label in own for token in re.split(r"[-_]", label)}
    if "gov" in tokens and not GOVERNMENT.search(host):
        return f"{host} only looks like a government's address"
    for label in own:
        plain = plain_label(label)
        for name, owner in protected.items():
            if label in (name,) or plain == name or (len(name) >= 6 and name in plain) or name in tokens:
                return f"{host} imitates {owner}"
            if one_edit(plain, name):
                return f"{host} is one letter from {owner}"
    return ""


def plain_label(label: str) -> str:
    """A label as the eye reads it: punycode decoded, look-alike letters folded, hyphens out."""
    if label.startswith("xn--"):
        try:
            label = label.encode("ascii").decode("idna")
        except UnicodeError:
            return label
    text = NOT_ALNUM.sub("", fold(label).translate(_LOOKS_LIKE))
    return text.replace("vv", "w").replace("rn", "m")


def one_edit(text: str, name: str) -> bool:
    """Whether one letter is changed, missing, added or swapped with its neighbour."""
    if len(name) < 6 or abs(len(text) - len(name)) > 1 or text == name:
        return False
    start = 0
    while start < min(len(text), len(name)) and text[start] == name[start]:
        start += 1
    rest, wanted = text[start:], name[start:]
    return (
        rest[1:] == wanted[1:] or rest[1:] == wanted or rest == wanted[1:]
        or (rest[:2] == wanted[:2][::-1] and rest[2:] == wanted[2:])
    )  # fmt: skip


def _suffix_length(labels: list[str]) -> int:
    return 2 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 1


def registered_label(host: str) -> str:
    labels = host.split(".")
    length = _suffix_length(labels)
    return labels[-length - 1] if len(labels) > length else host


@lru_cache(maxsize=4096)
def same_owner(origin: str, host: str) -> bool:
    """Whether two hosts are of one owner: the same, or both below one registered domain."""
    if origin == host:
        return True
    if is_machine(origin) or is_machine(host) or _SHARED_HOSTS.search(host):
        return False
    return _registered(origin) == _registered(host)


def _registered(host: str) -> list[str]:
    labels = host.split(".")
    return labels[-_suffix_length(labels) - 1 :]


@lru_cache(maxsize=4096)
def same_name(name: str, host: str) -> bool:
    """Whether a publisher's name is the name of its host: it publishes itself.

    A machine's address, a name without a domain and a host that anybody may have below a shared site name nobody.
    """
    if is_machine(host) or _SHARED_HOSTS.search(host):
        return False
    label, plain = plain_label(registered_label(host)), plain_label(name)
    if not label or not plain or fold(name) in (host, f"www.{host}"):
        return False
    return (
        plain in label or (len(label) >= _TELLING and label in plain)
        or label == "".join(word[0] for word in fold(name).split() if word)
    )  # fmt: skip
