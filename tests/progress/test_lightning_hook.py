"""Lightning: what limits a training, several optimizers, resumed trainings."""

import importlib

import pytest
from fit_cases import BATCHES, Lightning, answers, asking, data, framework, nothing, watching

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def case(tmp_path):
    made = Lightning(tmp_path)
    made.make()  # skips the test without the framework
    return made


@pytest.mark.parametrize(
    ("options", "steps", "total"),
    [
        ({"accumulate_grad_batches": 3}, 4, 4),
        ({"max_steps": 5}, 5, 5),
        ({"max_steps": 50, "max_epochs": 3}, 12, 12),
        ({"limit_train_batches": 3}, 6, 6),
        ({"limit_train_batches": 0.5}, 4, 4),
        ({"fast_dev_run": True}, 1, 1),
    ],
)
def test_plans_optimizer_steps(case, options, steps, total):
    with watching(case) as entrance:
        case.train(case.make(**options), nothing)
    assert answers(entrance) == [(steps, total, False)]


def test_a_changing_accumulation_has_no_total(case):
    callbacks = importlib.import_module("lightning.pytorch.callbacks")
    with watching(case) as entrance:
        scheduler = callbacks.GradientAccumulationScheduler({0: 1, 1: 2})
        case.train(case.make(callbacks=[scheduler]), nothing)
    assert answers(entrance) == [(4 + 2, None, False)]


def test_data_without_a_length_have_no_total(case):
    rows = [tuple(map(framework("torch").from_numpy, data()))] * BATCHES

    class Stream(framework("torch.utils.data").IterableDataset):
        def __iter__(self):
            return iter(rows)

    loader = framework("torch.utils.data").DataLoader(Stream(), batch_size=None)
    with watching(case) as entrance:
        case.train(case.make(), nothing, batches=loader)
    assert answers(entrance) == [(2 * BATCHES, None, False)]


@pytest.mark.parametrize(("limit", "expected"), [(-1, 2 * BATCHES), (6, 6)])
def test_several_optimizers(case, limit, expected):
    with watching(case) as entrance:
        trainer = case.make(max_steps=limit)
        case.train(trainer, nothing, optimizers=2)
    assert trainer.global_step == (6 if limit == 6 else 2 * 2 * BATCHES)
    assert answers(entrance) == [(expected, expected, False)]


@pytest.mark.parametrize("stop", [3, 4])
def test_counts_only_what_is_left_of_a_resumed_training(case, tmp_path, stop):
    path = tmp_path / "half.ckpt"
    trainer = case.make()

    def save(step):
        if step == stop:
            trainer.save_checkpoint(path)

    case.train(trainer, save)
    case.steps = 0
    told = []
    with watching(case) as entrance:
        again = case.make()
        case.train(again, asking(entrance, told), ckpt_path=path)
    left = case.steps
    assert left == 2 * BATCHES - stop
    assert answers(entrance) == [(left, left, False)]
    assert [done for _, done, _, _ in told] == list(range(1, left + 1))


def test_validation_alone_is_no_pass(case):
    with watching(case) as entrance:
        loader = framework("torch.utils.data").DataLoader([0.0])
        case.make().validate(_validated(), loader, verbose=False)
    assert entrance == []


def _validated():
    class Module(importlib.import_module("lightning.pytorch").LightningModule):
        def validation_step(self, batch):
            return batch

    return Module()
