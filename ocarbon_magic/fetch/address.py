"""Where a request goes: what of a URL is used, whether by a proxy, and where it may be sent on."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from ocarbon_magic.fetch.error import FetchError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

_PORTS = {"http": 80, "https": 443}
_PRINTABLE = range(0x21, 0x7F)


class Address(NamedTuple):
    """A URL, taken apart; ``target`` is its path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def name(self) -> str:
        """What messages call it: the host, with its port where that is unusual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine."""
        return is_loopback(self.host)

    @property
    def is_private(self) -> bool:
        """Whether nobody on the way can read what is said: HTTPS, or this machine."""
        return self.scheme == "https" or self.is_loopback


class Proxy(NamedTuple):
    """Who is asked in place of a host, and what it wants to hear."""

    host: str
    port: int
    headers: Mapping[str, str]


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine."""
    from ipaddress import ip_address  # noqa: PLC0415 - only for who asks the network

    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(url: str) -> Address:
    """Return the address that ``url`` is.

    Raises
    ------
    FetchError
        If it is none that can be asked, which is said without repeating it.
    """
    parts, port = _split(url)
    if parts is None or not all(ord(letter) in _PRINTABLE for letter in url):
        raise FetchError("the address is not one: write it as https://host/path.")
    if parts.scheme not in _PORTS or not parts.hostname:
        raise FetchError("the address must begin with https:// or http:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("the address must not hold a user's name or password.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], target)


def moved(asked: Address, location: str | None) -> Address:
    """Return where an answer sends ``asked`` on to, which must be the same host.

    Raises
    ------
    FetchError
        If it is another host or port, or would be less private.
    """
    if not location:
        raise FetchError(f"{asked.name} sends the request on to nowhere.")
    bare = asked.target.partition("?")[0]
    there = address_of(_joined(f"{asked.scheme}://{asked.name}{bare}", location))
    upgraded = (asked.scheme, asked.port, there.scheme, there.port) == ("http", 80, "https", 443)
    same = (asked.scheme, asked.port) == (there.scheme, there.port)
    if there.host != asked.host or not (same or upgraded):
        raise FetchError(f"{asked.name} sends the request on to another host, which is not asked.")
    return there


def proxy_for(address: Address) -> Proxy | None:
    """Return the proxy that the environment names for ``address``; None for this machine.

    Raises
    ------
    FetchError
        If what it names is none that speaks HTTP.
    """
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - imports http.client

    if address.is_loopback or proxy_bypass(address.host):
        return None
    named = getproxies()
    url = named.get(address.scheme) or named.get("all")
    if not url:
        return None
    parts, port = _split(url if "://" in url else f"http://{url}")
    if parts is None or parts.scheme != "http" or not parts.hostname:
        raise FetchError("the proxy that the environment names is none that can be used.")
    headers = {}
    if parts.username is not None:
        said = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = f"Basic {b64encode(said.encode()).decode()}"
    return Proxy(parts.hostname, port or _PORTS["http"], headers)


def _split(url: str) -> tuple[SplitResult | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, None
    return parts, port


def _joined(base: str, location: str) -> str:
    try:
        return urljoin(base, location)
    except ValueError:
        return ""
