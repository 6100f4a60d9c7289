"""What is said while a cell runs: how far it is, and how far it will go."""

from __future__ import annotations

import ast
import io
import threading

import pytest

from ocarbon_magic.progress.observer import WorkObserver

STANDINS = "import types\nopt = types.SimpleNamespace(step=lambda: None)\n"


def looks(cell, *, total=None, unit=None, names=()):
    """Return what is said at each `look()` in the cell: (done, total)."""
    observer = WorkObserver(total, unit)
    seen = []

    def look():
        count = observer.read().count
        seen.append((count.done, count.total) if count else None)

    names = {"look": look, **dict(names)}
    exec(STANDINS, names)
    tree = ast.parse(cell)
    observer.start()
    observer.count_loops(tree, names, 0)
    exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec", dont_inherit=True), names)
    observer.stop()
    look()
    return seen


def test_a_step_counts_when_it_is_done():
    assert looks("for i in range(3): look()") == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_the_total_is_known_from_the_first_epoch_on():
    seen = looks("for e in range(3):\n    for b in range(4): look()")
    assert seen == [(n, 12) for n in range(13)]


def test_between_two_loops_the_work_stands_still():
    seen = looks("for e in range(3):\n    for b in range(4): opt.step()\n    look()")
    assert seen == [(4, 12), (8, 12), (12, 12), (12, 12)]


def test_before_the_first_batch_of_an_epoch():
    seen = looks("for e in range(3):\n    look()\n    for b in range(4): opt.step()")
    assert seen == [(0, 3), (4, 12), (8, 12), (12, 12)]


def test_a_generator_is_known_once_an_epoch_was_seen_whole():
    seen = looks("for e in range(3):\n    for b in (c for c in 'abcd'): look()")
    assert seen[1:4] == [(1, None), (2, None), (3, None)], "its own epochs are not done yet"
    assert seen[4:] == [(4, 12), *((n, 12) for n in range(5, 13))]


def test_batches_that_are_cut_short_are_learnt():
    cell = "for e in range(3):\n    for b in range(99):\n        if b == 4: break\n        look()"
    seen = looks(cell)
    assert seen[1] == (1, 297)
    assert seen[4:7] == [(4, 12), (5, 12), (6, 12)]
    assert seen[-1] == (12, 12)


def test_epochs_that_differ_are_counted_as_epochs():
    cell = "for n in (1, 8, 2, 9):\n    for b in range(n): x = 1\n    look()"
    assert looks(cell)[2:] == [(2, 4), (3, 4), (4, 4)]


def test_a_function_that_runs_twice_an_epoch():
    cell = "def run(n):\n    for b in range(n): look()\nfor e in range(2):\n    run(3)\n    run(1)"
    assert looks(cell) == [
        (0, 6), (1, 6), (2, 6), (3, 8), (4, 8), (5, 8), (6, 8), (7, 8), (8, 8)
    ]  # fmt: skip


def test_a_while_is_seen_to_count_to_its_limit():
    assert looks("n = 0\nwhile n < 5:\n    n += 1\n    look()") == [
        None,
        (1, None),
        (2, None),
        (3, 5),
        (4, 5),
        (5, 5),
    ]


def test_steps_that_are_cut_off_at_a_number_leave_the_plan():
    cell = (
        "n = 0\nfor e in range(10):\n    for b in range(20):\n        opt.step()\n        n += 1\n"
        "        if n == 50: break\n    if n == 50: break"
    )
    assert looks(cell) == [(50, 200)]


def test_between_two_folds():
    cell = (
        "for fold in range(3):\n    for e in range(5):\n        for b in range(10): opt.step()\n"
        "    look()"
    )
    assert looks(cell) == [(50, 150), (100, 150), (150, 150), (150, 150)]


def test_epochs_that_drift_are_not_taken_for_steady():
    cell = "for n in range(2, 40):\n    for b in range(n): opt.step()\n    look()"
    assert {total for _, total in looks(cell)[2:-1]} == {38}


def test_sibling_loops_that_both_step_are_one_training():
    cell = (
        "for e in range(3):\n    for b in range(10): opt.step()\n    look()\n"
        "    for b in range(8): opt.step()"
    )
    assert looks(cell) == [(10, 30), (28, 54), (46, 54), (54, 54)]


def test_a_bar_around_a_counted_loop_is_a_part_of_it():
    tqdm = pytest.importorskip("tqdm").tqdm
    cell = "for e in bar(range(4)):\n    for b in range(20): x = b\n    look()"
    seen = looks(cell, names={"bar": lambda it: tqdm(it, file=io.StringIO())})
    assert seen == [(20, 80), (40, 80), (60, 80), (80, 80), (80, 80)]


def test_three_levels():
    cell = (
        "for lr in (1, 2):\n    for e in range(2):\n        for b in range(3):\n"
        "            opt.step()\n            look()"
    )
    assert looks(cell) == [(n, 12) for n in range(13)]


def test_one_training_after_another_goes_on():
    cell = "for b in range(3): opt.step(); look()\nfor b in range(4): opt.step(); look()"
    assert looks(cell) == [(0, 3), (1, 3), (2, 3), (3, 7), (4, 7), (5, 7), (6, 7), (7, 7)]


def test_a_growing_list_has_the_total_it_has_now():
    cell = "q = [1]\nfor x in q:\n    if x < 3: q.append(x + 1)\n    look()"
    assert looks(cell) == [(0, 2), (1, 3), (2, 3), (3, 3)]


def test_a_planned_total_stands_whatever_the_cell_runs():
    assert looks("for i in range(2): look()", total=50) == [(0, 50), (1, 50), (2, 50)]


def test_it_can_be_read_at_any_moment_from_another_thread():
    observer = WorkObserver(None, None)
    cell = (
        "for e in range(40):\n    for b in range(50): opt.step()\n"
        "    for b in [1, 2]: pass\n    for b in (c for c in 'ab'): pass\n"
    )
    names, tree = {}, ast.parse(cell)
    exec(STANDINS, names)
    observer.start()
    observer.count_loops(tree, names, 0)
    code = compile(ast.fix_missing_locations(tree), "<cell>", "exec", dont_inherit=True)
    over, failures, dones = threading.Event(), [], []

    def read():
        while not over.is_set():
            try:
                count = observer.read().count
            except Exception as error:  # noqa: BLE001 - any is a failure of the test
                failures.append(error)
                return
            if count is not None and count.keys[0].site.duty > 0:
                dones.append(count.done)
                assert count.total in (2000, None)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        exec(code, names)
    finally:
        over.set()
        thread.join()
        observer.stop()
    assert failures == []
    assert dones == sorted(dones)
    assert observer.read().count.done == 2000


@pytest.mark.parametrize(
    ("cell", "hint"),
    [
        ("x = 1", "Nothing in this cell tells its progress"),
        ("n = 3\nwhile n: n -= 1", "while n does not say how long it will be: add --total N"),
        ("for i in range(3): pass", None),
    ],
)
def test_what_to_add_is_said_in_one_line(cell, hint):
    observer = WorkObserver(None, None)
    names, tree = {}, ast.parse(cell)
    observer.start()
    observer.count_loops(tree, names, 0)
    exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec", dont_inherit=True), names)
    observer.stop()
    said = observer.hint(observer.read().count)
    assert said == hint if hint is None else said.startswith(hint)
    assert said is None or "\n" not in said
