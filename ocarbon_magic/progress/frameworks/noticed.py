"""Notice that a method is about to be called, without standing between it and its caller."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Noticed:
    """A method of a class that tells when it is looked up on an instance.

    A wrapper would show as a frame in the user's traceback. This is a descriptor: it sees
    the look-up that comes before the call, and hands out the very method it stands for.

    Parameters
    ----------
    owner : type
        The class that defines the method.
    name : str
        The method's name.
    notice : callable
        Called with the instance at each look-up; what it raises is dropped.

    Raises
    ------
    AttributeError
        If ``owner`` itself does not define such a method; nothing was changed.
    """

    def __init__(self, owner: type, name: str, notice: Callable[[Any], None]) -> None:
        if name not in vars(owner):
            raise AttributeError(f"{owner.__qualname__} does not define {name}")
        self._owner, self._name, self._notice = owner, name, notice
        self._function: Any = vars(owner)[name]
        self._watching = True
        setattr(owner, name, self)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:  # noqa: ANN401 - a method is whatever it is
        if self._watching and instance is not None:
            with suppress(Exception):  # counting never breaks training
                self._notice(instance)
        return self._function.__get__(instance, owner)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the function's own attributes
        return getattr(self._function, name)

    def restore(self) -> None:
        """Put the method back, unless somebody else has replaced it since."""
        self._watching = False
        if vars(self._owner).get(self._name) is self:
            setattr(self._owner, self._name, self._function)


class Watch:
    """Methods that are noticed for the time of a run, put back together."""

    def __init__(self) -> None:
        self._noticed: list[Noticed] = []

    def method(self, owner: type, name: str, notice: Callable[[Any], None]) -> None:
        """Notice look-ups of a method; raises as `Noticed` does."""
        self._noticed.append(Noticed(owner, name, notice))

    def end(self) -> None:
        """Put all methods back."""
        while self._noticed:
            self._noticed.pop().restore()
