"""The network address of the client, also behind proxies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated, TypeAlias

from fastapi import Depends, Request
from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from kernel.http.fast_path import FAST_DEPENDENCIES

Address: TypeAlias = IPv4Address | IPv6Address
Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]

HEADER = "X-Forwarded-For"
WITH_PORT = re.compile(r"\[([0-9a-fA-F:.]+)\](?::\d+)?|([0-9.]+):\d+", re.ASCII)
"""Some proxies add the client's port."""
OWN_PREFIX = 64
"""IPv6: a network of this size has one owner, who chooses the other half of the address at will."""


def _networks(value: str | Networks) -> Networks:
    if not isinstance(value, str):
        return value
    return tuple(ip_network(it.strip()) for it in value.split(",") if it.strip())


TrustedProxies = Annotated[Networks, NoDecode, BeforeValidator(_networks)]
"""A setting: networks with commas between, such as ``10.0.0.0/8,fd00::/8``."""


def client_address(peer: str, forwarded: Iterable[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """``peer``: of the connection; ``forwarded``: the values of X-Forwarded-For, in their order.

    The header counts only if a trusted proxy has sent it. Each proxy appends its own peer, so the client is
    the last address that is no trusted proxy; what stands before it may be invented. Without one it is the
    peer.
    """
    sender = _parsed(peer)
    if sender is None:
        return ""
    if _is_in(sender, trusted):
        for text in reversed(",".join(forwarded).split(",")):
            found = _parsed(text.strip())
            if found is None:
                break
            if not _is_in(found, trusted):
                return _shown(found)
    return _shown(sender)


def _parsed(text: str) -> Address | None:
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def _is_in(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in it for it in networks)


def _shown(address: Address) -> str:
    """One text for all addresses of one client."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((int(address), OWN_PREFIX), strict=False))


def address_of(request: Request) -> str:
    """IPv4, or the /64 network of an IPv6 address; empty for a peer without an address."""
    peer = request.client.host if request.client else ""
    return client_address(peer, request.headers.getlist(HEADER), request.app.state.trusted_proxies)


async def _fast(request: Request, _headers: Mapping[bytes, bytes]) -> str:
    return address_of(request)


FAST_DEPENDENCIES[address_of] = _fast

ClientAddress: TypeAlias = Annotated[str, Depends(address_of)]
"""As ``address_of`` says."""
