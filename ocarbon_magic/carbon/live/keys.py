"""Keys of publishers: from the environment, else the keyring; shown nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEYRING = "ocarbon_magic"
"""The service that the keyring has them under."""


class Secret:
    """A text that is given to its publisher alone, and shows itself to nobody."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not stored")


def secret_of(variables: Sequence[str], entry: str, environ: Mapping[str, str]) -> Secret | None:
    """Return the first secret that is there; None if there is none.

    Parameters
    ----------
    variables : sequence of str
        Variables of the environment.
    entry : str
        The name that the keyring has it under; it may take long to be opened.
    environ : mapping
    """
    said = next((environ[name].strip() for name in variables if environ.get(name)), "")
    said = said or _in_keyring(entry)
    return Secret(said) if said else None


def _in_keyring(entry: str) -> str:
    try:
        from keyring import get_password  # noqa: PLC0415 - an extra, for who keeps keys there

        return (get_password(KEYRING, entry) or "").strip()
    except Exception:  # noqa: BLE001 - not installed, none on this machine, or it stays shut
        return ""
