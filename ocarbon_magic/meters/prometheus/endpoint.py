"""What ``--devices prometheus:URL?node=...`` says: whom to ask, and about which nodes and GPUs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from ocarbon_magic.fetch import FetchError
from ocarbon_magic.fetch.address import address_of
from ocarbon_magic.options import unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN_VARIABLE = "OCARBON_PROMETHEUS_TOKEN"  # noqa: S105 - where the token is, not what it is

ALL_NODES = "*"
_PARTS = ("node", "gpu", "uuid", "label", "tenant")
_FORM = "write it as prometheus:http://HOST:9090?node=NAME"
_OURS = {"cpu", "visible", "all", "none"}
_MOST_PARTS = 200
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_API = re.compile(r"(?:/api/v1(?:/query)?)?/*$")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server that answers as Prometheus does, and what of it is asked for.

    Attributes
    ----------
    url : str
        Where its API is, without ``/api/v1``.
    name : str
        What messages call it: its host, and its port where that is unusual.
    is_private : bool
        Whether nobody on the way can read what is sent to it.
    nodes : tuple of str
        Names of nodes; ``*`` alone for all, empty where none is named.
    gpus, uuids : tuple of str
        Indices, and UUIDs or what they begin with, of the GPUs to take; empty for all.
    label : str or None
        The label that names nodes, where the user says it.
    tenant : str or None
        Sent as ``X-Scope-OrgID``, which Mimir, Loki's kin and Thanos ask for.
    """

    url: str
    name: str
    is_private: bool
    nodes: tuple[str, ...] = ()
    gpus: tuple[str, ...] = ()
    uuids: tuple[str, ...] = ()
    label: str | None = None
    tenant: str | None = None

    def headers(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request; a token is sent only where nobody can read it."""
        headers = {} if self.tenant is None else {"X-Scope-OrgID": self.tenant}
        token = environ.get(TOKEN_VARIABLE, "").strip()
        if token and self.is_private:
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def keeps_back(self, environ: Mapping[str, str]) -> bool:
        """Return whether there is a token that is not sent, since others could read it."""
        return bool(environ.get(TOKEN_VARIABLE, "").strip()) and not self.is_private


def endpoint_of(text: str) -> Endpoint:
    """Return what ``text`` says, which is what stands after ``prometheus:``.

    Raises
    ------
    ValueError
        If it says something wrong; one sentence, which repeats no address.
    """
    try:
        parts = urlsplit(text.strip())
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_PARTS)
        if "@" in parts.netloc:
            raise _wrong(f"no user or password in the address: a token goes to {TOKEN_VARIABLE}.")
        url = parts._replace(query="", fragment="").geturl()
        address = address_of(url)
    except _WrongError:
        raise
    except (FetchError, ValueError):
        raise _wrong(f"this is no address; {_FORM}.") from None
    if parts.fragment:
        raise _wrong("a # in a name must be written as %23.")
    said: dict[str, list[str]] = {name: [] for name in _PARTS}
    for name, value in query:
        if name not in said:
            raise _wrong(unknown_name("part", name, _PARTS))
        words = [word.strip() for word in value.split(",")]
        if not all(words):
            raise _wrong(f"{name}= needs a value, or several with commas between.")
        said[name] += words
    _check(said)
    return Endpoint(
        url=_API.sub("", url),
        name=address.name,
        is_private=address.is_private,
        nodes=tuple(dict.fromkeys(said["node"])),
        gpus=tuple(dict.fromkeys(said["gpu"])),
        uuids=tuple(dict.fromkeys(said["uuid"])),
        label=next(iter(said["label"]), None),
        tenant=",".join(said["tenant"]) or None,
    )


def _check(said: dict[str, list[str]]) -> None:
    if ALL_NODES in said["node"] and len(said["node"]) > 1:
        raise _wrong("node=* is all nodes: name no other beside it.")
    if ours := _OURS.intersection(said["node"]):
        word = min(ours)
        raise _wrong(f"what this machine measures goes before it: {word},prometheus:...")
    if not all(word.isascii() and word.isdigit() for word in said["gpu"]):
        raise _wrong("gpu= takes indices of GPUs, such as gpu=0,1.")
    if not all(word.upper().startswith("GPU-") for word in said["uuid"]):
        raise _wrong("uuid= takes UUIDs of whole GPUs, such as uuid=GPU-8932f937.")
    if len(said["label"]) > 1 or not all(map(_LABEL.fullmatch, said["label"])):
        raise _wrong("label= takes the name of one label, such as label=Hostname.")
    tenant = "".join(said["tenant"])
    if not (tenant.isascii() and tenant.isprintable()):
        raise _wrong("tenant= takes a name in plain letters.")


class _WrongError(ValueError):
    """What the user wrote is wrong; one sentence."""


def _wrong(what: str) -> _WrongError:
    return _WrongError(f"--devices prometheus: {what}")
