"""Which addresses may be reached: spellings, families, names."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import AddressRefused
from bot.intake.guard import GuardingResolver, is_private_host, literal_address, require_public

PRIVATE = [
    "127.0.0.1", "127.1", "127.255.255.254", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "2130706433", "017700000001",
    "0177.0.0.1", "127.0.0.1.", "１２７.0.0.1", "0", "0x", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1",
    "169.254.169.254",
    "0xa9fea9fe", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.2.3",
    "240.0.0.1", "255.255.255.255", "::1", "[::1]", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:db8::1", "localhost", "LOCALHOST.", "a.localhost",
]  # fmt: skip
PUBLIC = [
    "example.org", "93.184.215.14", "8.8.8.8", "0x08080808", "134744072", "2606:2800:220:1::1", "::ffff:8.8.8.8",
    "64:ff9b::808:808", "2002:808:808::", "localhost.example.org", "1.2.3.4.example", "10.example.org", "0x.example",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_private_hosts_are_refused_in_every_spelling(host: str) -> None:
    with pytest.raises(AddressRefused, match="TIPOFF_ALLOW_PRIVATE_ADDRESSES"):
        require_public(host)


@pytest.mark.parametrize("host", PUBLIC)
def test_public_hosts_pass(host: str) -> None:
    require_public(host)


@pytest.mark.parametrize("host", ["256.1.1.1", "1.2.3.4.5", "08.1", "1.2.3.256", "", "a.b", "4294967296"])
def test_what_no_resolver_would_take_for_an_address_is_a_name(host: str) -> None:
    spelled = literal_address(host)
    try:
        expected = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        expected = None
    assert (str(spelled) if spelled else None) == expected


class Names(AbstractResolver):
    """A resolver whose answers are given."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        pass


async def test_a_name_that_resolves_to_loopback_is_refused() -> None:
    with pytest.raises(AddressRefused, match=r"rebind\.example"):
        await GuardingResolver(Names("127.0.0.1", "::1")).resolve("rebind.example", 80)


async def test_of_a_name_with_both_only_the_public_address_is_connected_to() -> None:
    found = await GuardingResolver(Names("10.0.0.1", "8.8.8.8")).resolve("mixed.example", 80)
    assert [result["host"] for result in found] == ["8.8.8.8"]


def test_a_name_is_not_private_by_its_spelling() -> None:
    assert not is_private_host("internal.example")
