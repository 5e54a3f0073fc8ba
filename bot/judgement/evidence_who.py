"""Who stands behind an item: the publisher by address and name, accounts on platforms, look-alikes unmasked.

A name is a claim, an address is a fact: a party, an authority or a register is only who its address says.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.judgement.addresses import host_and_path
from bot.judgement.text import fold
from bot.model import Item, Publisher

#: Kinds whose word counts for more than a report; who claims to be one of these must prove it by the address.
PROTECTED = frozenset(("party", "authority", "register"))
_PLATFORMS = frozenset(("social", "repository"))
_CARRIERS = frozenset(("aggregator", "release"))

_GOVERNMENT = re.compile(
    r"(?:^|\.)(?:gov|mil|europa\.eu|admin\.ch|bund\.de|gc\.ca|parliament\.uk|bundestag\.de|assemblee-nationale\.fr|senat\.fr"
    r"|(?:gov|gouv|gob|gov?t|go|gv|mil|government)\.[a-z]{2})$"
)
_SECOND_LEVEL = frozenset(("com", "co", "org", "net", "ac", "edu", "or", "ne", "gov", "go"))
# Names that are also ordinary words: a host that contains one imitates nobody.
_ORDINARY = frozenset(
    """apple bull elastic commerce justice state house senate congress cursor together micron bosch intel google amazon
    reginfo pacer redis nature science lenovo menta eclipse cohere telekom status customs legislation
    semiconductors service lambda kernel regulations""".split()  # noqa: SIM905
)
#: Parts of a party's or a public body's own site where anybody writes: what stands there is no word of the owner.
_OPEN_HOST = re.compile(
    r"(?:^|\.)(?:forums?|bbs|community|communities|discuss|discussions|answers|petitions?)\."
)
_OPEN_PATH = re.compile(
    r"/(?:forums?|bbs|discuss(?:ions?)?|petitions?|comments?|thread-[\w-]+|user-?content)(?:/|$)|^/blog/(?!zh/)[^/]+/[^/]"
)
_OPEN_PATH_OF_PARTY = re.compile(r"/community/")
#: Only there does an address of the form ``/blog/<one>/<two>`` name its author.
_BLOG_BY_AUTHOR = frozenset(("huggingface.co",))
#: Where anybody gets a host name: the name of the site says nothing about who writes below it.
_SHARED_HOSTS = re.compile(
    r"(?:^|\.)(?:blogspot\.[a-z.]+|wordpress\.com|github\.io|gitlab\.io|pages\.dev|workers\.dev|web\.app|vercel\.app"
    r"|netlify\.app|notion\.site|gitbook\.io|readthedocs\.io|hf\.space|tumblr\.com|ghost\.io|wixsite\.com|weebly\.com"
    r"|beehiiv\.com|substack\.com|medium\.com|cloudfront\.net|amazonaws\.com|azurewebsites\.net|herokuapp\.com)$"
)
#: What imitators put behind a name.
_GENUINE = (
    r"(?:ai|official|labs?|hq|team|inc|real|org|hf|corp|llm|models?|releases?|research"
    r"|cn|china|global|news|support|com|\d+)"
)
_LOOKS_LIKE = str.maketrans("аеорсухіїѕԁһӏνωοταρκ013457", "aeopcyxiisdhlvwotapkoleast")
_TELLING = 3  # letters from which on a host's label inside a name tells something
_REMEMBERED = 8192  # hosts whose judgement is kept
_NOT_ALNUM = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """``kind`` as in ``Publisher``, or ``unknown``. ``verified``: the address proves it. ``fake``: how it deceives."""

    id: str
    kind: str
    name: str
    verified: bool
    platform: str = ""  # the kind of the platform on which an account of somebody else speaks
    fake: str = ""
    host: str = ""
    path: str = ""


class Directory:
    """All publishers, found by address, by name and by account."""

    def __init__(self, publishers: Sequence[Publisher]) -> None:
        self._by_domain: dict[str, list[tuple[str, Publisher]]] = {}
        self._by_name: dict[str, Publisher] = {}
        self._by_account: dict[str, Publisher] = {}
        self._protected: dict[str, str] = {}
        self._judged_hosts: dict[str, str] = {}
        self._last: tuple[Item, Who] | None = None
        self._genuine: re.Pattern[str] | None = None  # compiled when first asked: most runs never do
        for publisher in publishers:
            self._add(publisher)

    def _add(self, publisher: Publisher) -> None:
        for domain in publisher.domains:
            host, slash, path = domain.lower().partition("/")
            entries = self._by_domain.setdefault(host.removeprefix("www."), [])
            entries.append((slash + path, publisher))
            entries.sort(key=lambda entry: -len(entry[0]))
            label = _registered_label(host)
            if publisher.kind in PROTECTED | {"repository"} and len(label) >= 5 and label not in _ORDINARY:
                self._protected[_NOT_ALNUM.sub("", label)] = publisher.id
        for name in (*publisher.names, publisher.id):
            self._by_name.setdefault(_name_key(name), publisher)
        for account in publisher.accounts:
            self._by_account[account.lower()] = publisher

    def publisher_named(self, name: str) -> Publisher | None:
        return self._by_name.get(_name_key(name))

    def publisher_at(self, host: str, path: str = "") -> Publisher | None:
        """The publisher whose domain covers the host most closely."""
        while host:
            for prefix, publisher in self._by_domain.get(host, ()):
                if path.lower().startswith(prefix):
                    return publisher
            host = host.partition(".")[2]
        return None

    def names(self) -> Iterable[tuple[str, Publisher]]:
        """Every folded name with its publisher."""
        return self._by_name.items()

    def who(self, item: Item) -> Who:
        """Who published the item."""
        if self._last is None or self._last[0] is not item:
            self._last = (item, self._found(item))  # an item's grade, its witness and its reasons all ask
        return self._last[1]

    def _found(self, item: Item) -> Who:
        host, path = host_and_path(item.url)
        host = host.removeprefix("www.")
        named = self.publisher_named(item.publisher)
        at = self.publisher_at(host, path)
        if at is None:
            return self._unknown_host(item, host, path, named)
        if at.kind in _PLATFORMS:
            return self._on_platform(at, host, path, named)
        if at.kind in _CARRIERS and named is not None and named.id != at.id:
            # What an aggregator passes on is as good as its outlet, but proves no party.
            kind = at.kind if at.kind == "release" else "outlet" if named.kind in PROTECTED else named.kind
            return Who(id=named.id, kind=kind, name=item.publisher, verified=False, host=host, path=path)
        if at.kind in PROTECTED and named is not None and named.kind == "social":
            # Passed on with a title that its sender wrote: the address proves whose page it is, not who says this.
            return Who(id=named.id, kind="social", name=item.publisher, verified=False, host=host, path=path)
        if at.kind in PROTECTED and _open_to_all(at.kind, host, path):
            return Who(id=host, kind="social", name=at.names[0], verified=False, host=host, path=path)
        return Who(id=at.id, kind=at.kind, name=item.publisher, verified=True, host=host, path=path)

    def _on_platform(self, at: Publisher, host: str, path: str, named: Publisher | None) -> Who:
        account = _account(host, path)
        owner = self._by_account.get(account) if account else None
        if (
            owner is None
            and not account
            and at.id == "wechat"
            and named is not None
            and named.kind in PROTECTED
        ):
            owner = named  # its addresses name no account, its account names are checked by the platform
        if owner is not None:
            kind = owner.kind if at.kind == "social" else "repository"
            return Who(
                id=owner.id if at.kind == "social" else at.id, kind=kind, name=owner.names[0], verified=True,
                platform=at.kind, host=host, path=path,
            )  # fmt: skip
        fake = f"account {account!r} imitates {imitated}" if (imitated := self._imitated(account)) else ""
        return Who(
            id=at.id,
            kind=at.kind,
            name=at.names[0],
            verified=not fake,
            platform=at.kind,
            fake=fake,
            host=host,
            path=path,
        )

    def _unknown_host(self, item: Item, host: str, path: str, named: Publisher | None) -> Who:
        fake = self._look_alike(host)
        if not fake and _GOVERNMENT.search(host) and "xn--" not in host:
            if _open_to_all("authority", host, path):
                return Who(id=host, kind="social", name=item.publisher, verified=False, host=host, path=path)
            return Who(id=host, kind="authority", name=item.publisher, verified=True, host=host, path=path)
        if not fake and named is not None and named.kind in PROTECTED:
            fake = f"{item.publisher} does not publish at {host or 'no address'}"
        if not fake and re.match(r"/@[\w.@-]+/\d{8,}", path):
            return Who(id="mastodon", kind="social", name=item.publisher, verified=True, host=host, path=path)
        kind = named.kind if named is not None and not fake else "unknown"
        if kind == "release":  # only the wire's own address shows a release word for word
            kind = "outlet"
        name_id = named.id if named is not None and not fake else _name_key(item.publisher) or host
        return Who(
            id=name_id, kind=kind, name=item.publisher, verified=False, fake=fake, host=host, path=path
        )

    def _look_alike(self, host: str) -> str:
        if host not in self._judged_hosts:
            if len(self._judged_hosts) > _REMEMBERED:
                self._judged_hosts.clear()
            self._judged_hosts[host] = _look_alike_of(host, self._protected) if host else ""
        return self._judged_hosts[host]

    def _imitated(self, account: str) -> str:
        """Whose account this looks like, "" when nobody's."""
        plain = _plain(account)
        if len(plain) < 5 or account in self._protected:
            return ""
        if self._genuine is None:
            labels = "|".join(sorted(self._protected, key=len, reverse=True))
            self._genuine = re.compile(rf"(?:the|real|official)?({labels}){_GENUINE}*")
        found = self._genuine.fullmatch(plain)
        if found:
            return self._protected[found[1]]
        return next((owner for label, owner in self._protected.items() if _one_edit(plain, label)), "")


def _open_to_all(kind: str, host: str, path: str) -> bool:
    """Whether anybody may write at this address of a party or public body: its forum, comments, petitions."""
    lower = path.lower()
    if _OPEN_HOST.search(host) or (kind == "party" and _OPEN_PATH_OF_PARTY.search(lower)):
        return True
    found = _OPEN_PATH.search(lower)
    return found is not None and (not found[0].startswith("/blog/") or host in _BLOG_BY_AUTHOR)


def _look_alike_of(host: str, protected: dict[str, str]) -> str:
    """Why a host that is in no table looks as if it were somebody's, "" when it does not."""
    labels = host.split(".")
    own = labels[: -_suffix_length(labels)]
    tokens = {token for label in own for token in re.split(r"[-_]", label)}
    if "gov" in tokens and not _GOVERNMENT.search(host):
        return f"{host} only looks like a government's address"
    for label in own:
        plain = _plain(label)
        for name, owner in protected.items():
            if label in (name,) or plain == name or (len(name) >= 6 and name in plain) or name in tokens:
                return f"{host} imitates {owner}"
            if _one_edit(plain, name):
                return f"{host} is one letter from {owner}"
    return ""


def _plain(label: str) -> str:
    """A label as the eye reads it: punycode decoded, look-alike letters folded, hyphens out."""
    if label.startswith("xn--"):
        try:
            label = label.encode("ascii").decode("idna")
        except UnicodeError:
            return label
    text = _NOT_ALNUM.sub("", fold(label).translate(_LOOKS_LIKE))
    return text.replace("vv", "w").replace("rn", "m")


def _one_edit(text: str, name: str) -> bool:
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


def _registered_label(host: str) -> str:
    labels = host.split(".")
    length = _suffix_length(labels)
    return labels[-length - 1] if len(labels) > length else host


def _account(host: str, path: str) -> str:
    """The account or organisation in an address of a platform, "" where it names none."""
    if host == "mp.weixin.qq.com":
        return ""
    if host.endswith((".substack.com", ".medium.com", ".github.io")):
        return host.split(".")[0]
    segments = [segment for segment in path.lower().split("/") if segment]
    while segments and segments[0] in (
        "models",
        "datasets",
        "spaces",
        "u",
        "user",
        "users",
        "profile",
        "c",
        "channel",
        "company",
        "@",
    ):
        segments.pop(0)
    if not segments:
        return ""
    account = segments[0].lstrip("@")
    return account.removesuffix(".bsky.social") if "." in account else account


@lru_cache(maxsize=4096)  # the same publishers come again and again
def _name_key(name: str) -> str:
    return " ".join(fold(name).replace("(", " ").replace(")", " ").split())


@lru_cache(maxsize=4096)
def same_name(name: str, host: str) -> bool:
    """Whether a publisher's name is the name of its host: it publishes itself.

    A machine's address, a name without a domain and a host that anybody may have below a shared site name nobody.
    """
    if "." not in host or re.fullmatch(r"[\d.]+|\[?[\da-f:]+\]?", host) or _SHARED_HOSTS.search(host):
        return False
    label, plain = _plain(_registered_label(host)), _plain(name)
    if not label or not plain or fold(name) in (host, f"www.{host}"):
        return False
    return (
        plain in label or (len(label) >= _TELLING and label in plain)
        or label == "".join(word[0] for word in fold(name).split() if word)
    )  # fmt: skip
