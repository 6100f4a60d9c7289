"""Journals made for tests: filled with runs, or damaged."""

from __future__ import annotations

import random
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sample_runs import gpu, sample, series

from ocarbon_magic.collection.entry import Origin
from ocarbon_magic.journal import writer
from ocarbon_magic.journal.database import open_to_write
from ocarbon_magic.journal.folder import home, own_file
from ocarbon_magic.journal.process import this_process
from ocarbon_magic.journal.rows import Sheet, put_sheet
from ocarbon_magic.run import Intensity, Metric, Zone

NAMES = ("resnet", "bert base", "net[2]", "tree*", "probe")
ZONES = (("FRA", "France"), ("SWE", "Sweden"), ("US-CA", "California"))
DEVICES = ("NVIDIA H100 80GB HBM3", "NVIDIA A100-SXM4-80GB", "Tesla T4")
SCOPES = ("lifecycle", "direct", None)
STATUSES = ("finished", "failed", "interrupted", "lost")
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def some_run(number, points=2):
    """A run that differs from its neighbours in all that can be asked for."""
    dice = random.Random(number)
    code, place = dice.choice(ZONES)
    devices = [gpu(0, name=dice.choice(DEVICES))] * dice.randint(0, 3)
    metric = Metric(dice.choice(("accuracy", "loss")), dice.random())
    begun = BEGINNING + timedelta(minutes=7 * number)
    return sample(
        id=f"{dice.getrandbits(128):032x}",
        name=dice.choice(NAMES),
        status=dice.choice(STATUSES),
        started_at=begun.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        devices=devices,
        zone=Zone(code, place, "given"),
        intensity=Intensity(dice.choice((20.0, 400.0)), 2024, dice.choice(SCOPES), "a table"),
        metric=dice.choice((metric, None)),
        series=series(points),
    )


def some_origin(number):
    dice = random.Random(-number)
    return Origin(
        dice.choice(("ada", "grace")),
        dice.choice(("left", "right", None)),
        dice.choice(("vision", "speech", None)),
        dice.choice(("/home/ada/train.ipynb", "/srv/vision/eval.py", None)),
    )


def sheet(run, origin=None, revision=1, **changes):
    said = {"process": this_process(), "heartbeat_s": 0.0, **changes}
    return Sheet(run.to_dict(), origin or Origin("ada", "left"), revision=revision, **said)


def journal():
    """The journal's file of this test."""
    return own_file(home())


def fill(path, sheets):
    with closing(open_to_write(path)) as connection:
        connection.execute("BEGIN")
        for one in sheets:
            put_sheet(connection, one)
        connection.execute("COMMIT")
    return path


def filled(count, path=None, points=2):
    """A journal with so many runs, and the runs, oldest first."""
    runs = [some_run(number, points) for number in range(count)]
    path = path or journal()
    fill(path, (sheet(run, some_origin(n)) for n, run in enumerate(runs)))
    return path, runs


def is_intact(path):
    with closing(open_to_write(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def written():
    """Wait until the writing thread has no more to do."""
    made = writer.writer()
    made.close()
    made._closing = False
