"""Transformers: accumulated gradients, resumed and failed trainings."""

import pytest
from fit_cases import BATCHES, Transformers, answers, asking, nothing, watching

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def case(tmp_path):
    made = Transformers(tmp_path)
    made.make()  # skips the test without the framework
    return made


def test_counts_optimizer_steps(case):
    with watching(case) as entrance:
        trainer = case.make(gradient_accumulation_steps=3)
        case.train(trainer, nothing)
    assert case.steps == 2 * 2  # of 4 batches, 3 make a step, and then the rest
    assert answers(entrance) == [(4, 4, False)]


def test_max_steps_is_the_total(case):
    with watching(case) as entrance:
        case.train(case.make(max_steps=7), nothing)
    assert answers(entrance) == [(7, 7, False)]


def test_counts_only_what_is_left_of_a_resumed_training(case):
    told = []
    options = {"save_strategy": "steps", "save_steps": 3, "num_train_epochs": 2}
    case.train(case.make(**options), nothing, stop=3)
    case.steps = 0
    with watching(case) as entrance:
        trainer = case.make(**options)
        case.train(trainer, asking(entrance, told), resume_from_checkpoint=True)
    assert case.steps == 5
    assert answers(entrance) == [(5, 5, False)]
    assert [done for _, done, _, _ in told] == [1, 2, 3, 4, 5]


def test_evaluation_and_mere_look_ups_are_no_passes(case):
    with watching(case) as entrance:
        trainer = case.make()
        assert hasattr(trainer, "train")
        trainer.evaluate()
        assert entrance == []
        case.train(trainer, nothing)
    assert answers(entrance) == [(2 * BATCHES, 2 * BATCHES, False)]


def test_a_failed_training_may_be_repeated(case):
    def fail(step):
        if step == 3:
            raise KeyboardInterrupt

    with watching(case) as entrance:
        trainer = case.make()
        with pytest.raises(KeyboardInterrupt):
            case.train(trainer, fail)
        assert trainer.is_in_train
        assert answers(entrance) == [(3, 8, False)]
        case.train(trainer, nothing)
    assert answers(entrance) == [(3, 8, False), (8, 8, False)]
