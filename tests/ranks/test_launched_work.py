"""Work of processes that the run's code starts, beside the run's own loops and counts."""

from __future__ import annotations

import ast

import pytest
from sample_runs import sample

import ocarbon_magic as oc
from ocarbon_magic.progress.launched import Launched
from ocarbon_magic.progress.observer import WorkObserver
from ocarbon_magic.run import Work
from ocarbon_magic.views.words import counted_by

NOTHING = "Nothing in this cell tells its progress"


def said(key, done, total=None, source="torch optimizer", *, goes_on=True, from_s=0.0, to_s=1.0):
    return Launched(
        key, done, total, "step", source, "It", "rank 0 of 2", from_s, to_s, goes_on=goes_on
    )


class Scene:
    """A run, what the processes of its cell told, and what was read after each step."""

    def __init__(self, total=None, unit=None):
        self.told = {}
        self.counts = []
        self.observer = WorkObserver(total, unit)
        self.observer.add_launched(lambda: list(self.told.values()))

    def tell(self, *launched):
        """Let processes tell, and the sampling thread read."""
        self.told |= {one.key: one for one in launched}
        self.look()

    def look(self):
        count = self.observer.read().count
        self.counts.append(None if count is None else (count.done, count.total))

    def cell(self, source, **names):
        """Run a cell; return the last count after its end."""
        tree = ast.parse(source)
        names |= {"tell": self.tell, "said": said, "look": self.look}
        self.observer.start()
        self.observer.count_loops(tree, names, 0)
        try:
            exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), names)
        finally:
            self.observer.stop()
        return self.observer.read().count


def test_the_steps_of_rank_0_are_the_work():
    count = Scene().cell("tell(said('a', 5)); tell(said('a', 40, from_s=10.0, to_s=14.0))")
    assert (count.done, count.total, count.unit) == (40, None, "step")
    assert count.source == "torch optimizer in rank 0 of 2"
    assert count.rate_per_s == 40 / 4  # in the seconds from 10 to 14


def test_the_users_total_is_that_of_rank_0():
    scene = Scene(total=100)
    count = scene.cell("tell(said('a', 40))")
    assert (count.done, count.total) == (40, 100)
    assert scene.observer.hint(count) is None


def test_who_counted_is_told_in_words():
    count = Scene().cell("tell(said('a', 40))")
    run = sample(work=Work(done=count.done, source=count.source))
    assert counted_by(run) == "the steps of PyTorch's optimizer in rank 0 of 2"
    assert counted_by(sample(work=Work(done=1.0, source="keras"))) == "Keras"


def test_without_a_total_the_hint_names_what_counts():
    scene = Scene()
    hint = scene.observer.hint(scene.cell("tell(said('a', 40))"))
    assert hint == (
        "It does not say how long it will be: add --total N, the step it will end at, for a "
        "projection."
    )


def test_scripts_that_follow_one_another_add_up():
    scene = Scene()
    count = scene.cell(
        "tell(said('a', 4, 10))\n"
        "tell(said('a', 10, 10, goes_on=False, from_s=0.0, to_s=2.0))\n"
        "tell(said('b', 5, 20, from_s=8.0, to_s=9.0))\n"
        "tell(said('b', 20, 20, goes_on=False, from_s=8.0, to_s=12.0))"
    )
    assert scene.counts == [(4, 10), (10, 10), (15, 30), (30, 30)]
    assert (count.done, count.total) == (30, 30)
    assert count.rate_per_s == 30 / (2 + 4)
    assert count.keys == ("a", "b")


def test_scripts_at_the_same_time_add_up():
    scene = Scene()
    scene.cell("tell(said('a', 4, 10), said('b', 6, 20))\ntell(said('a', 10, 10, goes_on=False))")
    assert scene.counts == [(10, 30), (16, 30)]


def test_a_script_that_was_killed_will_make_no_more_steps_when_another_follows():
    scene = Scene()
    scene.cell("tell(said('a', 4, 10))\ntell(said('a', 4, 10, goes_on=False), said('b', 1, 10))")
    # Left early: what was planned. Then another one is begun, of which 10 are planned.
    assert scene.counts == [(4, 10), (5, 14)]


def test_a_script_in_a_loop_has_its_steps_in_each_iteration():
    scene = Scene()
    count = scene.cell(
        "for seed in range(3):\n"
        "    tell(said(seed, 5, 20))\n"
        "    tell(said(seed, 20, 20, goes_on=False))"
    )
    assert scene.counts == [(5, 60), (20, 60), (25, 60), (40, 60), (45, 60), (60, 60)]
    assert (count.done, count.total) == (60, 60)


def test_in_a_loop_within_a_loop_too():
    scene = Scene()
    scene.cell(
        "for a in range(2):\n"
        "    for b in range(2):\n"
        "        tell(said((a, b), 10, 10, goes_on=False))"
    )
    assert scene.counts == [(10, 40), (20, 40), (30, 40), (40, 40)]


def test_in_a_loop_the_first_that_ended_says_what_the_others_will_make():
    scene = Scene()
    scene.cell(
        "for seed in range(3):\n    tell(said(seed, 3))\n    tell(said(seed, 5, goes_on=False))"
    )
    assert scene.counts == [(3, None), (5, 15), (8, 15), (10, 15), (13, 15), (15, 15)]


def test_scripts_too_short_to_be_seen_at_their_time_add_up_in_the_end():
    scene = Scene()
    count = scene.cell(
        "pieces = []\n"
        "for seed in range(3):\n"
        "    pieces.append(said(seed, 20, 20, goes_on=False))\n"
        "tell(*pieces)"
    )
    assert (count.done, count.total) == (60, 60)


def test_one_process_that_finds_a_better_count_is_counted_once():
    scene = Scene()
    scene.cell(
        "tell(said('a', 300, 300, 'tqdm'))\n"
        "tell(said('a', 5, 40, 'transformers'))\n"
        "tell(said('a', 300, 300, 'tqdm'))"
    )
    assert scene.counts == [(300, 300), (5, 40), (300, 300)]


def test_what_the_cell_counts_itself_goes_before_what_stands_no_higher():
    scene = Scene()
    names = {"oc": oc}
    count = scene.cell("for _ in oc.track([0] * 4): tell(said('a', 9, 10))", **names)
    assert (count.done, count.source) == (4, "oc.track")


@pytest.mark.parametrize("source", ["oc.track", "transformers", "torch optimizer", "tqdm"])
def test_what_a_process_counts_goes_before_the_cells_loops(source):
    scene = Scene()
    scene.cell(f"for n in range(3): tell(said(n, 10, 10, {source!r}, goes_on=False))")
    assert scene.counts == [(10, 30), (20, 30), (30, 30)]


def test_what_is_counted_by_hand_is_in_the_users_unit():
    scene = Scene(unit="token", total=1000)
    scene.told["a"] = said("a", 300, None, "oc.update")._replace(any_unit=True)
    count = scene.cell("look()")
    assert (count.done, count.total, count.unit) == (300, 1000, "token")
    assert scene.observer.hint(count) is None


def test_a_unit_that_no_process_counts_in_is_said():
    scene = Scene(unit="token")
    count = scene.cell("tell(said('a', 40))")
    assert "counted in steps, and not in token" in scene.observer.hint(count)


def test_processes_that_tell_nothing_are_no_work():
    scene = Scene()
    assert scene.cell("look()") is None
    assert scene.observer.hint(None).startswith(NOTHING)
