"""fastai: passes within one call, skipped epochs, the search for a learning rate."""

import importlib

import pytest
from fit_cases import BATCHES, Fastai, answers, nothing, watching

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def case(tmp_path):
    made = Fastai(tmp_path)
    made.make()  # skips the test without the framework
    return made


def test_fine_tune_is_two_passes(case):
    importlib.import_module("fastai.callback.schedule")
    with watching(case) as entrance:
        learn = case.make()
        case.train(learn, nothing, method="fine_tune", freeze_epochs=1)
    assert answers(entrance) == [(BATCHES, BATCHES, False), (2 * BATCHES, 2 * BATCHES, False)]


def test_epochs_that_are_skipped_do_not_count(case):
    with watching(case) as entrance:
        case.train(case.make(), nothing, epochs=5, start_epoch=3)
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)]


def test_the_search_for_a_rate_knows_its_end(case):
    importlib.import_module("fastai.callback.schedule")
    with watching(case) as entrance:
        learn = case.make()
        with learn.no_logging():
            learn.lr_find(num_it=10, stop_div=False, show_plot=False, suggest_funcs=())
    assert answers(entrance) == [(10, 10, False)]


def test_validation_and_prediction_are_no_passes_and_change_none(case):
    with watching(case) as entrance:
        learn = case.make()
        with learn.no_logging():
            learn.validate()
            assert entrance == []
            case.train(learn, nothing)
            learn.validate()
            learn.get_preds()
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)]
