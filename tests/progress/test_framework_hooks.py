"""What hooks count in real trainings of each framework, beside what the trainings count."""

import gc
import importlib
import traceback
import weakref
from pathlib import Path

import numpy as np
import pytest
from fit_cases import CASES, Entrance, ask, asking, nothing, watching

import ocarbon_magic
from ocarbon_magic.progress.base import Precedence

pytestmark = pytest.mark.filterwarnings("ignore")

OURS = str(Path(ocarbon_magic.__file__).parent)


@pytest.fixture(params=CASES, ids=lambda case: case.__name__)
def case(request, tmp_path):
    made = request.param(tmp_path)
    made.make()  # skips the test without the framework
    return made


@pytest.mark.parametrize("earlier", [False, True], ids=["made_within", "made_earlier"])
def test_each_step_is_counted_and_no_validation(case, earlier):
    trained = case.make() if earlier else None
    told = []
    with watching(case) as entrance:
        trained = trained or case.make()
        case.train(trained, asking(entrance, told))
    ((site, one),) = entrance
    planned = 2 * case.steps_per_epoch
    assert (site.label, site.source, site.precedence) == (
        case.label,
        case.source,
        Precedence.FRAMEWORK,
    )
    assert site.unit == case.unit
    assert ask(one) == (planned, planned, False)
    assert case.steps == planned
    assert [step for step, *_ in told] == list(range(1, planned + 1))
    for step, done, total, is_open in told:
        assert step - 1 <= done <= step
        assert (total, is_open) == (planned, True)


def test_a_second_training_of_one_object_is_another_pass(case):
    told = []
    with watching(case) as entrance:
        trained = case.make()
        case.train(trained, nothing)
        case.steps = 0
        case.train(trained, asking(entrance, told), epochs=3)
        (site, first), (same, second) = entrance
    assert site is same
    assert ask(first) == (2 * case.steps_per_epoch, 2 * case.steps_per_epoch, False)
    assert ask(second) == (3 * case.steps_per_epoch, 3 * case.steps_per_epoch, False)
    assert told[0][1] <= 1


def test_the_pass_before_is_over_when_the_next_one_begins(case):
    seen = []

    class Strict(Entrance):
        def enter(self, site, one):
            seen.append([former.is_open() for _, former in self])
            super().enter(site, one)

    hook = case.hook()
    try:
        hook.install(importlib.import_module(hook.module), Strict())
        trained = case.make()
        for _ in range(3):  # from one place, so that the stack looks the same
            case.train(trained, nothing, epochs=1)
    finally:
        hook.remove()
    assert seen == [[], [False], [False, False]]


def test_an_error_ends_the_pass_and_shows_nothing_of_ours(case):
    def fail(step):
        if step == 3:
            raise RuntimeError("the training's own")

    with watching(case) as entrance:
        with pytest.raises(RuntimeError, match="the training's own") as error:
            case.train(case.make(), fail)
        ((_, one),) = entrance
        done, total, is_open = ask(one)
        another = case.make()
        case.train(another, nothing)
    assert (done in {2, 3}, total, is_open) == (True, 2 * case.steps_per_epoch, False)
    assert not [
        frame.filename
        for frame in traceback.extract_tb(error.value.__traceback__)
        if frame.filename.startswith(OURS)
    ]
    assert len(entrance) == 2
    assert ask(entrance[1][1])[0] == 2 * case.steps_per_epoch


def test_an_early_end_leaves_the_plan_as_it_was(case):
    with watching(case) as entrance:
        trained = case.make()
        case.train(trained, nothing, stop=5)
        ((_, one),) = entrance
        assert ask(one) == (5, 2 * case.steps_per_epoch, False)
    assert case.steps == 5


def test_nothing_lives_longer_and_the_numbers_stay(case):
    with watching(case) as entrance:
        trained = case.make()
        case.train(trained, asking(entrance, []))
        ((_, one),) = entrance
        ended = ask(one)
        gone = weakref.ref(trained)
        plain = case.make()
        del trained
        gc.collect()
    alone = weakref.ref(plain)
    del plain
    gc.collect()
    assert (gone() is None) or alone() is not None
    assert ask(one) == ended == (2 * case.steps_per_epoch, 2 * case.steps_per_epoch, False)


def contents(hook, case):
    module = importlib.import_module(hook.module)
    return {name: dict(vars(getattr(module, name))) for name in case.watched}


def test_removing_leaves_the_framework_as_it_was(case):
    hook = case.hook()
    before = contents(hook, case)
    hook.install(importlib.import_module(hook.module), Entrance())
    assert contents(hook, case) != before
    hook.remove()
    assert contents(hook, case) == before


@pytest.mark.parametrize("first", [0, 1])
def test_two_runs_at_once_both_count_and_either_may_end_first(case, first):
    hooks = [case.hook(), case.hook()]
    entrances = [Entrance(), Entrance()]
    module = importlib.import_module(hooks[0].module)
    before = contents(hooks[0], case)
    for hook, entrance in zip(hooks, entrances, strict=True):
        hook.install(module, entrance)
    trained = [case.make() for _ in range(3)]
    case.train(trained[0], nothing)
    hooks[first].remove()
    case.train(trained[1], nothing)
    hooks[1 - first].remove()
    case.train(trained[2], nothing)
    assert [len(entrances[first]), len(entrances[1 - first])] == [1, 2]
    for _, one in entrances[0] + entrances[1]:
        assert ask(one) == (2 * case.steps_per_epoch, 2 * case.steps_per_epoch, False)
    if first == 1:
        assert contents(hooks[0], case) == before
    else:  # what was put on top is taken off, what it covers sleeps
        for name in case.watched:
            for key, value in before[name].items():
                now = contents(hooks[0], case)[name][key]
                assert getattr(now, "_function", now) is getattr(value, "_function", value)


def test_an_install_that_fails_is_removed_again(case):
    hook = case.hook()
    with pytest.raises(AttributeError):
        hook.install(np, Entrance())
    hook.remove()
