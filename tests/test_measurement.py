"""One measurement from begin to end: an interrupt at its end is neither lost nor a mess."""

from __future__ import annotations

import pytest

import ocarbon_magic as oc
from ocarbon_magic import block as block_module
from ocarbon_magic.config import resolve
from ocarbon_magic.measurement import Measurement, Surroundings
from ocarbon_magic.views.inline import Silence


class Interrupted(Silence):
    """A display during which the user presses Ctrl-C."""

    def end(self, run):
        raise KeyboardInterrupt


class Broken(Silence):
    """A display that fails."""

    def end(self, run):
        raise OSError("No space left on device")


def measured(display):
    settings, _ = resolve({"devices": "none", "save": "kept"}, {}, {})
    names = {}
    made = Measurement(settings, "test", [], Surroundings(display, eval, names))
    made.begin()
    made.end("finished")
    return made, names


def test_an_interrupt_at_the_end_of_a_cell_leaves_a_finished_run():
    made, names = measured(Interrupted())
    assert made.run.status == "finished"
    assert made.interrupted
    assert names["kept"] is made.run is oc.last_run()


def test_a_failing_display_is_a_warning():
    made, _ = measured(Broken())
    assert not made.interrupted
    assert any("No space left on device" in line for line in made.run.warnings)


def test_an_interrupt_at_the_end_of_a_block_reaches_the_script(monkeypatch):
    monkeypatch.setattr(block_module, "display_for", lambda *_, **__: Interrupted())
    with pytest.raises(KeyboardInterrupt), oc.measure(devices="none") as run:
        pass
    assert run.status == "finished"


def test_an_error_of_the_block_comes_before_an_interrupt_at_its_end(monkeypatch):
    monkeypatch.setattr(block_module, "display_for", lambda *_, **__: Interrupted())
    with pytest.raises(ZeroDivisionError), oc.measure(devices="none") as run:
        raise ZeroDivisionError
    assert run.status == "failed"
