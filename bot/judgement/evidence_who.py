"""Who stands behind an item: the publisher by address and name, accounts on platforms, look-alikes unmasked.

A name is a claim, an address is a fact: a party, an authority or a register is only who its address says. And a link is
no word of the page it leads to: whoever writes a feed puts any title over any address. What counts for more than a
report must come from its speaker's own host (``Item.origin``).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from bot.judgement.addresses import host_and_path
from bot.judgement.evidence_hosts import (
    GOVERNMENT,
    NOT_ALNUM,
    look_alike_of,
    one_edit,
    plain_label,
    registered_label,
    same_owner,
)
from bot.judgement.text import fold
from bot.model import Item, Publisher

#: Kinds whose word counts for more than a report; who claims to be one of these must prove it by the address.
PROTECTED = frozenset(("party", "authority", "register"))
_PLATFORMS = frozenset(("social", "repository"))
_PUBLIC = frozenset(("authority", "register"))
#: Kinds that a link in somebody else's feed does not make.
_WEIGHTY = PROTECTED | {"repository", "measurer", "release"}
_CARRIERS = frozenset(("aggregator", "release"))

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
#: What imitators put behind a name.
_GENUINE = (
    r"(?:ai|official|labs?|hq|team|inc|real|org|hf|corp|llm|models?|releases?|research"
    r"|cn|china|global|news|support|com|\d+)"
)
_REMEMBERED = 8192  # hosts and accounts whose judgement is kept


#: How a source calls somebody's account there.
_WECHAT_ACCOUNT = re.compile(r"\s*[(（]?(?:官方)?(?:微信)?(?:公众号|官微)[)）]?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """``kind`` as in ``Publisher``, or ``unknown``. ``verified``: the address proves it. ``fake``: how it deceives."""

    id: str
    kind: str
    name: str
    verified: bool
    platform: str = ""  # the kind of the platform on which an account of somebody else speaks
    owner: str = ""  # whose account that is
    fake: str = ""
    passed_on: str = ""  # the host of somebody else that passed it on: the title is theirs
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
        self._imitated = lru_cache(maxsize=_REMEMBERED)(self._find_imitated)
        for publisher in publishers:
            self._add(publisher)

    def _add(self, publisher: Publisher) -> None:
        for domain in publisher.domains:
            host, slash, path = domain.lower().partition("/")
            entries = self._by_domain.setdefault(host.removeprefix("www."), [])
            entries.append((slash + path, publisher))
            entries.sort(key=lambda entry: -len(entry[0]))
            label = registered_label(host)
            if publisher.kind in PROTECTED | {"repository"} and len(label) >= 5 and label not in _ORDINARY:
                self._protected[NOT_ALNUM.sub("", label)] = publisher.id
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
            self._last = (
                item,
                self._of_origin(item, self._found(item)),
            )  # grade, witness and reasons all ask
        return self._last[1]

    def _found(self, item: Item) -> Who:
        host, path = host_and_path(item.url)
        host = host.removeprefix("www.")
        named = self.publisher_named(item.publisher)
        at = self.publisher_at(host, path)
        if at is None:
            return self._unknown_host(item, host, path, named)
        if at.kind in _PLATFORMS:
            return self._on_platform(at, host, path, named, item.publisher)
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

    def _of_origin(self, item: Item, who: Who) -> Who:
        """The same, unless somebody else's feed passed it on: then it is the word of whoever serves that feed."""
        if not item.origin or same_owner(item.origin, who.host) or who.fake:
            return who
        if who.kind == "unknown":
            return who if item.vouched else replace(who, passed_on=item.origin)
        if who.kind not in _WEIGHTY or self._is_from(item, who):
            return who
        carrier = self.publisher_at(item.origin)
        kind = carrier.kind if carrier and carrier.kind not in _WEIGHTY | {"aggregator"} else "outlet"
        return Who(
            id=carrier.id if carrier else item.origin, kind=kind, name=carrier.names[0] if carrier else item.origin,
            verified=False, passed_on=item.origin, host=who.host, path=who.path,
        )  # fmt: skip

    def _is_from(self, item: Item, who: Who) -> bool:
        """Whether the host that an item was read from is its speaker's too, or is said to be so by the catalog."""
        at = self.publisher_at(item.origin)
        owners = {who.id, who.owner}
        named = self.publisher_named(item.vouched) if item.vouched else None
        if (at is not None and at.id in owners) or (named is not None and named.id in owners):
            return True
        # Public bodies publish each other's documents.
        is_public = GOVERNMENT.search(item.origin) or (at is not None and at.kind in _PUBLIC)
        return bool(is_public) and who.kind in _PUBLIC and not who.platform

    def _on_platform(
        self, at: Publisher, host: str, path: str, named: Publisher | None, publisher: str
    ) -> Who:
        account = _account(host, path)
        owner = self._by_account.get(account) if account else None
        if owner is None and not account and at.id == "wechat":
            # Its addresses name no account, its account names are checked by the platform.
            named = named or self.publisher_named(_WECHAT_ACCOUNT.sub("", publisher))
            owner = named if named is not None and named.kind in PROTECTED else None
        if owner is not None:
            kind = owner.kind if at.kind == "social" else "repository"
            return Who(
                id=owner.id if at.kind == "social" else at.id, kind=kind, name=owner.names[0], verified=True,
                platform=at.kind, owner=owner.id, host=host, path=path,
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
        if not fake and GOVERNMENT.search(host) and "xn--" not in host:
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
            self._judged_hosts[host] = look_alike_of(host, self._protected) if host else ""
        return self._judged_hosts[host]

    def _find_imitated(self, account: str) -> str:
        """Whose account this looks like, "" when nobody's."""
        plain = plain_label(account)
        if len(plain) < 5 or account in self._protected:
            return ""
        if self._genuine is None:
            labels = "|".join(sorted(self._protected, key=len, reverse=True))
            self._genuine = re.compile(rf"(?:the|real|official)?({labels}){_GENUINE}*")
        found = self._genuine.fullmatch(plain)
        if found:
            return self._protected[found[1]]
        return next((owner for label, owner in self._protected.items() if one_edit(plain, label)), "")


def _open_to_all(kind: str, host: str, path: str) -> bool:
    """Whether anybody may write at this address of a party or public body: its forum, comments, petitions."""
    lower = path.lower()
    if _OPEN_HOST.search(host) or (kind == "party" and _OPEN_PATH_OF_PARTY.search(lower)):
        return True
    found = _OPEN_PATH.search(lower)
    return found is not None and (not found[0].startswith("/blog/") or host in _BLOG_BY_AUTHOR)


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
