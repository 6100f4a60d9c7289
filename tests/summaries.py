"""Runs of every kind, and their summary read as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from sample_runs import STATUSES, cpu, fullest, gpu, just_begun, of_status, sample

from ocarbon_magic.run import Intensity

WORD = {
    "running": "● measuring",
    "finished": "✓ finished",
    "failed": "✕ failed",
    "interrupted": "■ interrupted",
    "lost": "○ lost",
}
NOTHING = "No energy was measured in this run; `%carbon doctor` tells what is missing."
BY_HAND = Intensity(53.0, None, None, "given by hand")
RUNS = {
    **{status: of_status(status) for status in STATUSES},
    "just begun": just_begun(),
    "nothing measured": sample(devices=[], warnings=[NOTHING]),
    "eight GPUs": sample(devices=[gpu(i) for i in range(8)]),
    "everything": fullest(),
    "an estimate": sample(devices=[cpu()]),
    "by hand": sample(intensity=BY_HAND),
    "a budget": of_status("failed", budget_g=30.0),
    "tiny": sample(devices=[gpu(energy_j=1e-9)], duration_s=1e-4, embodied_g=1e-12),
    "huge": sample(devices=[gpu(energy_j=1e18)], duration_s=1e9),
    "wide name": sample(name="訓練" * 60, warnings=["警告" * 60]),
}
every_run = pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)


class Page(HTMLParser):
    """Reads a summary as a browser would, and keeps what it is made of."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = set(), [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "".join(self.words).replace("\N{NO-BREAK SPACE}", " ")

    def values(self, attribute):
        return [value for name, value in self.attributes if name == attribute]
