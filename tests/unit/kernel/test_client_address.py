"""The address of a client: only trusted proxies may name another one than their own."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from pydantic import TypeAdapter, ValidationError

from kernel.http.client_address import TrustedProxies, client_address

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1, 10.2.0.1"], "198.51.100.1"),
        ("10.0.0.1", ["10.3.0.1", "10.2.0.1"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("fd00::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
        ("fd00::1", ["[2001:db8:1:2:ffff::1]:4711"], "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("2001:db8:1:2::9", [], "2001:db8:1:2::/64"),
        ("::1", [], "::/64"),
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_client_is_the_last_address_that_is_no_trusted_proxy(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_address(peer, forwarded, PROXIES) == client


def test_without_trusted_proxies_nothing_that_is_forwarded_is_believed() -> None:
    assert client_address("127.0.0.1", ["198.51.100.1"], ()) == "127.0.0.1"


def test_trusted_proxies_are_networks_with_commas_between() -> None:
    setting = TypeAdapter(TrustedProxies)
    assert setting.validate_python(" 10.0.0.0/8, fd00::/8") == PROXIES
    assert setting.validate_python("") == ()
    for wrong in ("proxy.example", "10.0.0.1/8", "10.0.0.0/33"):
        with pytest.raises(ValidationError):
            setting.validate_python(wrong)
