"""Keras: generators, jumps, lists of callbacks that the user keeps."""

import importlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from fit_cases import BATCHES, Keras, answers, asking, data, framework, nothing, watching

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def case(tmp_path):
    made = Keras(tmp_path)
    made.make()  # skips the test without the framework
    return made


def test_a_generator_has_a_total_once_its_length_is_known(case):
    def batches():
        for _ in range(3):
            yield from zip(*(part.reshape(4, 2, -1) for part in data()), strict=True)

    told = []
    with watching(case) as entrance:
        case.train(case.make(), asking(entrance, told), x=batches(), y=None, batch_size=None)
        first = [total for step, _, total, _ in told if step <= 12]
        assert first == [None] * 12
        assert answers(entrance) == [(case.steps, 24, False)]
        told.clear()
        case.steps = 0
        case.train(
            case.make(), asking(entrance, told), epochs=3, steps_per_epoch=4,
            x=batches(), y=None, batch_size=None,
        )  # fmt: skip
    assert {total for _, _, total, _ in told} == {12}
    assert answers(entrance)[1] == (12, 12, False)


def test_unknown_steps_become_a_total_with_the_second_epoch():
    hook = importlib.import_module("ocarbon_magic.progress.frameworks.keras")
    calls = importlib.import_module("ocarbon_magic.progress.frameworks.calls")
    one = hook.FitPass(calls.Call(calls.caller()), {"epochs": 3, "steps": None})
    one.begin_epoch(0)
    one.end_batch(3)
    assert (one.done(), one.total()) == (4, None)
    one.begin_epoch(1)
    assert (one.done(), one.total()) == (4, 12)


def test_counts_jumps_of_several_steps_and_late_threads():
    hook = importlib.import_module("ocarbon_magic.progress.frameworks.keras")
    calls = importlib.import_module("ocarbon_magic.progress.frameworks.calls")
    one = hook.FitPass(calls.Call(calls.caller()), {"epochs": 2, "steps": 10})
    one.begin_epoch(0)
    for batch in (3, 7, 11):  # steps_per_execution=4, the last of them in part
        one.end_batch(batch)
    assert (one.done(), one.total()) == (10, 20)
    one.begin_epoch(1)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one.end_batch, reversed(range(10))))
    assert one.done() == 20


def test_counts_from_the_initial_epoch(case):
    with watching(case) as entrance:
        case.train(case.make(), nothing, epochs=5, initial_epoch=3)
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)]


def test_evaluation_prediction_and_single_batches_are_no_passes(case):
    model = case.make()
    x, y = data()
    with watching(case) as entrance:
        model.evaluate(x, y, verbose=0)
        model.predict(x, verbose=0)
        model.train_on_batch(x, y)
    assert entrance == []


def test_a_callback_list_of_the_user_is_counted_and_left_clean(case):
    keras = framework("keras")
    model = case.make()
    own = keras.callbacks.CallbackList(model=model, add_history=True, epochs=2, steps=BATCHES)
    before = list(own.callbacks)
    with watching(case) as entrance:
        for _ in range(2):
            case.train(model, nothing, callbacks=own)
        assert len(own.callbacks) == len(before) + 1
    assert own.callbacks == before
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)] * 2
    case.train(model, nothing, callbacks=own)
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)] * 2


def test_results_are_the_same_with_and_without(case):
    keras = framework("keras")
    losses = []
    for watched in (False, True):
        keras.utils.set_random_seed(0)
        model = case.make()
        if watched:
            with watching(case):
                case.train(model, nothing)
        else:
            case.train(model, nothing)
        losses.append(model.history.history)
    assert losses[0] == losses[1]
