"""Which addresses may be reached. Judged on the address that is really connected to, after DNS."""

import re
import socket
import unicodedata
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.errors import AddressRefused

_PART = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+")
#: NAT64's well-known prefix (RFC 6052): the last 32 bits are the IPv4 address that is really reached.
_NAT64 = IPv6Network("64:ff9b::/96")
#: Prefixes that Python counts as global, but that end on this host or network: IPv4-compatible (RFC 4291,
#: deprecated), local-use NAT64 (RFC 8215), site-local (RFC 3879, deprecated).
_NEVER_V6 = (IPv6Network("::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))
#: Azure's platform service: metadata and agent, on an address that looks public.
_NEVER_V4 = frozenset({IPv4Address("168.63.129.16")})


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that ``host`` spells, in any form that a resolver would take for one, else None.

    Knows ``127.1``, ``0x7f.1``, ``2130706433``, ``0177.0.0.1``, full-width digits, a final dot, a zone.
    """
    text = unicodedata.normalize("NFKC", host).strip().strip("[]").partition("%")[0].rstrip(".")
    try:
        return ip_address(text)
    except ValueError:
        return _loose_v4(text)


def _loose_v4(text: str) -> IPv4Address | None:
    """What inet_aton reads: one to four parts, each decimal, octal or hexadecimal; the last fills the rest."""
    parts = text.split(".")
    if len(parts) > 4 or not all(_PART.fullmatch(part) and len(part) < 40 for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (4 - len(first)):
        return None
    high = sum(number << (24 - 8 * place) for place, number in enumerate(first))
    return IPv4Address(high + last)


def _number(part: str) -> int:
    if part[:2].lower() == "0x":
        return int(part[2:] or "0", 16)
    return int(part, 8) if len(part) > 1 and part[0] == "0" else int(part)


def is_private(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is one that a public source may not have: loopback, private, link-local, shared
    (100.64/10), multicast, reserved, unspecified, metadata; for IPv6 also what it carries inside."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_private(inner)
        if any(address in network for network in _NEVER_V6):
            return True
    elif address in _NEVER_V4:
        return True
    return not address.is_global or address.is_multicast or address.is_reserved


def is_private_host(host: str) -> bool:
    """Whether a host is private by its spelling alone; a name that resolves to a private address is not."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = literal_address(host)
    return address is not None and is_private(address)


def is_link_local(host: str) -> bool:
    """Whether a host is link-local by its spelling, where clouds keep their metadata services (RFC 3927, RFC 4291):
    nobody's feed is there, whatever the settings allow."""
    address = literal_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address is not None and (address.is_link_local or address in _NEVER_V4)


def require_public(host: str) -> None:
    """Raise ``AddressRefused`` for a private host. Needed beside the resolver, which literals never reach."""
    if is_private_host(host):
        raise _refused(host)


def _refused(host: str) -> AddressRefused:
    return AddressRefused(
        f"{host} is a private address; set TIPOFF_ALLOW_PRIVATE_ADDRESSES=true to read sources in your own network"
    )


class GuardingResolver(AbstractResolver):
    """Resolves names and hands on the public addresses only."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner if inner is not None else ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raises ``AddressRefused`` when the name has addresses but not one is public."""
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if not is_private_host(result["host"])]
        if found and not public:
            raise _refused(host)
        return public

    async def close(self) -> None:
        await self._inner.close()
