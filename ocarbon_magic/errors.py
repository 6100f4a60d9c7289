"""Errors that are an answer to the user, and no fault of our code."""


class OneSentence:
    """Shown by IPython as its sentence, without a traceback through our code."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]
