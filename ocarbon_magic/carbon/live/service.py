"""A publisher on the network: where it is, with which key it is asked, what it answers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from ocarbon_magic.carbon.live.keys import secret_of
from ocarbon_magic.carbon.live.points import LiveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ocarbon_magic.carbon.live.keys import Secret

DEADLINE_S = 20.0
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Key:
    """A secret that a publisher asks for: the variables it may stand in, and its keyring entry."""

    variables: tuple[str, ...]
    entry: str


@dataclass(frozen=True, slots=True)
class Service:
    """One publisher.

    Attributes
    ----------
    name, title : str
        As an option spells it, and as it is called.
    home : str
        Its address; ``OCARBON_<NAME>_URL`` names another one, such as a proxy of one's own.
    keys : tuple of Key
    """

    name: str
    title: str
    home: str
    keys: tuple[Key, ...] = ()

    @property
    def address(self) -> str:
        """Where it is asked."""
        return (os.environ.get(f"OCARBON_{self.name.upper()}_URL") or self.home).rstrip("/")

    def mark(self) -> int:
        """Return a number that changes with the address and with keys in the environment."""
        said = [os.environ.get(name) for key in self.keys for name in key.variables]
        return hash((self.address, *said))

    def secrets(self) -> list[Secret]:
        """Return its secrets; may take as long as the keyring takes.

        Raises
        ------
        LiveError
            If one is missing.
        """
        found = [secret_of(key.variables, key.entry, os.environ) for key in self.keys]
        known = [secret for secret in found if secret is not None]
        if len(known) < len(self.keys):
            named = " and ".join(key.variables[0] for key in self.keys)
            entries = " and ".join(f"`keyring set ocarbon_magic {key.entry}`" for key in self.keys)
            raise LiveError(
                f"{self.title} needs a key: set {named} in the environment, or keep it with "
                f"{entries} (pip install 'ocarbon_magic[live]')."
            )
        return known

    def ask(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return what it answers for a path.

        Raises
        ------
        FetchError
            If there is no good answer.
        LiveError
            If a key would be sent where others may read it.
        """
        from ocarbon_magic.fetch import fetch  # noqa: PLC0415 - only for who turned it on

        url, sent = self._request(path, query, headers)
        return fetch(url, headers=sent, deadline_s=DEADLINE_S, most_bytes=MOST_BYTES).body

    def ask_json(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON that it answers for a path; raises as `ask` does."""
        from ocarbon_magic.fetch import fetch_json  # noqa: PLC0415 - only for who turned it on

        url, sent = self._request(path, query, headers)
        return fetch_json(url, headers=sent, deadline_s=DEADLINE_S, most_bytes=MOST_BYTES)

    def odd(self) -> LiveError:
        """Return the error of an answer that is not what it should be."""
        return LiveError(f"{self.title} answers in a form that is not known.")

    def _request(
        self, path: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> tuple[str, dict[str, str]]:
        from ocarbon_magic.fetch.address import address_of  # noqa: PLC0415 - as above

        if self.keys and not address_of(self.address).is_private:
            raise LiveError(
                f"OCARBON_{self.name.upper()}_URL must begin with https://, for the key of "
                f"{self.title} is sent there."
            )
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.address}{path}{asked}", {"Accept": "*/*", **(headers or {})}
