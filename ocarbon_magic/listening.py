"""Where a page of ours is served: a port, or the address of one."""

from __future__ import annotations

from typing import NamedTuple

LOOPBACK = "127.0.0.1"
MOST_PORT = 65_535
_DIGITS = 5

_WHAT = "a port from 0 to 65535, as 9464, or HOST:PORT to let others read it, as 0.0.0.0:9464"


class Address(NamedTuple):
    """A host, as a name or in digits, and a port; port 0 stands for any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def address(value: object) -> Address | None:
    """Return the address that ``PORT`` or ``HOST:PORT`` means; None for the word ``none``.

    Raises
    ------
    ValueError
        If it is neither; the message is what it must be.
    """
    if isinstance(value, Address):
        return value
    text = "" if isinstance(value, bool) else str(value).strip()
    if text.lower() == "none":
        return None
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if colon else LOOPBACK
    if not (port.isascii() and port.isdigit() and len(port) <= _DIGITS) or int(port) > MOST_PORT:
        raise ValueError(_WHAT)
    if not host or not host.isprintable() or any(c in " /@?#" for c in host):
        raise ValueError(_WHAT)
    return Address(host, int(port))
