"""Text of others on one line."""


def one_line(text: str) -> str:
    """Return ``text`` on one line: a space for what cannot be printed, or held by UTF-8."""
    return "".join(c if c.isprintable() else " " for c in text)
