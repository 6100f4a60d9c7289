"""What is said where runs cannot be compared as asked."""

from ocarbon_magic.errors import OneSentence


class ComparisonError(OneSentence, ValueError):
    """The runs cannot be compared as asked; the message is one sentence for the user."""
