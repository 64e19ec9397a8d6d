"""Where a connector may fetch from when an answer of its vendor names another address: a file's place, a redirect.

Such an address is data. Followed blindly it would read what only this machine can reach (a metadata service, a
neighbour without sign-in) and copy that into a record as a file.
"""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address

_PORTS: Final = {"http": 80, "https": 443}
# What is left out (blanks, controls, the backslash) is where two parsers of addresses find different hosts.
_PLAIN: Final = re.compile(r"[!-\[\]-~]+")


def refusal(url: str, home: str) -> str | None:
    """Why the connection whose address is `home` must not fetch from `url`, in words for a person; None: it may.

    Its own origin is always allowed. Elsewhere the link must be as secure as the connection and name no credentials,
    and every address of the host must be public, or one where the connection itself lives. Blocks for a DNS query; a
    name that is not known here is left to the request, since a proxy may know it.
    """
    try:
        asked, own = urlsplit(url), urlsplit(home)
        where, mine = (asked.scheme, asked.hostname, _port(asked)), (own.scheme, own.hostname, _port(own))
    except ValueError:
        return "an address that cannot be read"
    if not _PLAIN.fullmatch(url) or not asked.hostname or asked.username is not None:
        return "an address that two programs could read differently"
    if where == mine:
        return None
    if asked.scheme not in ("https", own.scheme) or asked.scheme not in _PORTS:
        return f"a {asked.scheme or 'nameless'} address, which is less secure than the connection"
    private = [address for address in _addresses(asked.hostname) if not _public(address)]
    if private and not (where[2] == mine[2] and _share(private, _addresses(own.hostname or ""))):
        return f"{asked.hostname}, a private address at which the connection does not live"
    return None


def _port(parts: SplitResult) -> int | None:
    return parts.port or _PORTS.get(parts.scheme)


def _addresses(host: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    addresses = [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    return [getattr(address, "ipv4_mapped", None) or address for address in addresses]


def _public(address: Address) -> bool:
    return address.is_global and not address.is_multicast


def _share(theirs: list[Address], own: list[Address]) -> bool:
    loopback = any(address.is_loopback for address in own)
    return all(address in own or (loopback and address.is_loopback) for address in theirs)
