"""Optimizer steps of PyTorch, with real optimizers."""

import gc
import importlib.util
import os
import sys
import threading
import traceback

import pytest

if not os.environ.get("CI") and importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)

import torch
import torch._dynamo
import torch.optim.optimizer as optimizer_module
from torch._dynamo.utils import counters

from ocarbon_magic.progress.frameworks.torch import OptimizerSteps

HOOKS = optimizer_module._global_optimizer_post_hooks


class Own(torch.optim.Optimizer):
    def __init__(self, params):
        super().__init__(params, {"lr": 0.1})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for one in group["params"]:
                one.sub_(0.1 * one.grad)


class Momentous(torch.optim.SGD):
    def step(self, closure=None):
        return super().step(closure)


class Failing(Own):
    fails = True

    def step(self, closure=None):
        if self.fails:
            raise ArithmeticError("no step")
        super().step(closure)


@pytest.fixture
def counted():
    steps = OptimizerSteps(count_flop=False)
    steps.install(optimizer_module, None)
    yield steps
    steps.remove()
    assert not HOOKS
    assert steps.notes == []


def parameter():
    one = torch.nn.Parameter(torch.ones(2, 2))
    one.grad = torch.ones(2, 2)
    return one


def sgd():
    return torch.optim.SGD([parameter()], lr=0.1)


def step(*optimizers, times=1):
    for _ in range(times):
        for one in optimizers:
            one.step()


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, lr=0.1),
        lambda p: torch.optim.Adam(p, foreach=True),
        lambda p: torch.optim.Adam(p, fused=True),
        torch.optim.AdamW,
        Own,
    ],
)
def test_each_kind_of_optimizer_is_counted(counted, make):
    step(make([parameter()]), times=7)
    assert counted.done() == 7


def test_lbfgs_takes_one_step_however_often_it_asks(counted):
    one = torch.nn.Parameter(torch.tensor([3.0, -2.0]))
    optimizer, asked = torch.optim.LBFGS([one], max_iter=5), []

    def closure():
        optimizer.zero_grad()
        loss = (one**4).sum()
        loss.backward()
        asked.append(1)
        return loss

    for _ in range(3):
        optimizer.step(closure)
    assert len(asked) > 3
    assert counted.done() == 3


def test_a_step_that_calls_its_parents_step_is_one(counted):
    step(sgd(), times=2)
    optimizer = Momentous([parameter()], lr=0.1)
    step(optimizer, times=5)
    assert counted.done() == 2 + 5


def test_accumulated_gradients_are_one_step(counted):
    model, data = torch.nn.Linear(3, 1), torch.ones(2, 3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for micro_batch in range(12):
        model(data).sum().backward()
        if micro_batch % 4 == 3:
            optimizer.step()
    assert counted.done() == 3


def test_a_step_that_the_scaler_skips_is_none(counted):
    model = torch.nn.Linear(3, 1)
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
    for scale in (1.0, float("inf"), 1.0, 1.0):
        optimizer.zero_grad()
        scaler.scale(scale * model(torch.ones(2, 3)).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
    assert counted.done() == 3


def test_optimizers_that_take_turns_are_one_training(counted):
    generator, critic = sgd(), sgd()
    step(critic, generator, times=10)
    assert counted.done() == 10


def test_the_busiest_of_a_training_counts(counted):
    generator, critic = sgd(), sgd()
    for _ in range(4):
        step(critic, times=5)
        step(generator)
    assert counted.done() == 20


def test_an_optimizer_per_layer(counted):
    step(*(sgd() for _ in range(8)), times=3)
    assert counted.done() == 3


def test_optimizers_one_after_another_add_up(counted):
    first, second = sgd(), sgd()
    step(first, times=4)
    step(second, times=3)
    assert counted.done() == 7


def test_a_first_step_may_be_the_last_of_its_optimizer(counted):
    assert counted.done() == 0
    first = sgd()
    step(first)
    assert counted.done() == 1
    second = sgd()
    step(second)
    assert counted.done() == 1
    step(first)
    assert counted.done() == 2


def test_the_count_never_decreases(counted):
    first, second, seen = sgd(), sgd(), []
    for optimizer in (first, second, first, second):
        for _ in range(5):
            step(optimizer)
            seen.append(counted.done())
    assert seen == sorted(seen)


def test_optimizers_are_not_kept_and_their_ids_may_come_again(counted):
    ids = set()
    for _ in range(50):
        optimizer = sgd()
        ids.add(id(optimizer))
        step(optimizer, times=2)
        del optimizer
    assert len(ids) < 50
    assert counted.done() == 100


def test_thousands_of_optimizers_take_no_more_memory_than_some(counted):
    outer = sgd()
    for _ in range(2):
        step(sgd(), times=2)
    for task in range(1000):
        step(sgd(), times=2)
        step(outer)
        if task % 100 == 0:
            counted.done()
    gc.collect()
    assert counted.done() == 2 * 2 + 2 + 1000
    assert len(counted._activities) < 500
    for _ in range(1000):
        step(sgd(), times=2)
        counted.done()
    del outer
    gc.collect()
    assert counted.done() == 2 * 2 + 2 + 1000 + 2000
    assert len(counted._activities) < 500


def test_an_optimizer_made_before():
    optimizer = sgd()
    step(optimizer, times=2)
    steps = OptimizerSteps()
    steps.install(optimizer_module, None)
    step(optimizer, times=3)
    steps.remove()
    step(optimizer, times=4)
    assert steps.done() == 3


def test_hooks_of_the_user_stay_in_their_order():
    told, optimizer = [], sgd()
    before = optimizer_module.register_optimizer_step_post_hook(lambda *_: told.append("before"))
    steps = OptimizerSteps()
    steps.install(optimizer_module, None)
    after = optimizer_module.register_optimizer_step_post_hook(lambda *_: told.append("after"))
    optimizer.register_step_pre_hook(lambda *_: told.append("first"))
    optimizer.register_step_post_hook(lambda *_: told.append("own"))
    optimizer.step()
    steps.remove()
    optimizer.step()
    assert told == ["first", "own", "before", "after"] * 2
    before.remove()
    after.remove()
    assert not HOOKS


def test_a_step_that_fails_is_none_and_its_traceback_is_the_users(counted):
    optimizer = Failing([parameter()])
    with pytest.raises(ArithmeticError) as caught:
        optimizer.step()
    optimizer.fails = False
    step(optimizer, times=2)
    files = [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert not any("ocarbon_magic" in name for name in files)
    assert counted.done() == 2


def test_steps_in_other_threads_count(counted):
    optimizers = [sgd() for _ in range(4)]
    together = threading.Barrier(4)

    def train(optimizer):
        together.wait()
        step(optimizer)
        together.wait()
        step(optimizer, times=200)

    threads = [threading.Thread(target=train, args=(one,)) for one in optimizers]
    for one in threads:
        one.start()
    seen = [counted.done() for _ in range(200)]
    for one in threads:
        one.join()
    assert seen == sorted(seen)
    assert counted.done() == 201


def test_removed_under_a_step_of_another_thread_nothing_breaks():
    steps, optimizer = OptimizerSteps(), sgd()
    steps.install(optimizer_module, None)
    inside, removed, failed = threading.Event(), threading.Event(), []

    def wait(*_):
        inside.set()
        removed.wait()

    later = optimizer_module.register_optimizer_step_post_hook(wait)

    def train():
        try:
            optimizer.step()
        except RuntimeError as error:
            failed.append(error)

    thread = threading.Thread(target=train)
    thread.start()
    inside.wait()
    steps.remove()
    removed.set()
    thread.join()
    later.remove()
    step(optimizer)
    assert failed == []
    assert steps.done() == 1
    HOOKS.clear()


def test_what_fails_in_the_hook_is_one_note():
    steps, optimizer = OptimizerSteps(), sgd()
    steps.install(optimizer_module, None)
    steps._sampler.stepped = lambda _: 1 / 0
    step(optimizer, times=40)
    steps.remove()
    assert steps.done() == 40
    assert len(steps.notes) == 1


def test_removing_what_was_never_installed():
    steps = OptimizerSteps()
    steps.remove()
    assert (steps.done(), steps.step_flop, steps.notes) == (0, None, [])


def compiled_steps(hook, form):
    torch._dynamo.reset()
    counters.clear()
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.Adam(model.parameters(), foreach=True)
    if form == "method":
        compiled = torch.compile(optimizer.step, backend="eager")
    else:
        compiled = torch.compile(lambda: (optimizer.step(), None), backend="eager")
    if hook:
        hook.install(optimizer_module, None)
    for _ in range(12):
        model(torch.ones(2, 3)).sum().backward()
        compiled()
    if hook:
        hook.remove()
    breaks = sum(counters["graph_break"].values())
    return counters["stats"]["unique_graphs"], breaks, len(counters["recompiles"])


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("form", ["method", "function"])
def test_a_compiled_step_counts_without_a_graph_break_or_recompilation_more(form, recwarn):
    alone = compiled_steps(None, form)
    steps = OptimizerSteps()
    recwarn.clear()
    assert compiled_steps(steps, form) == alone
    assert steps.done() == 12
    assert steps.step_flop is None
    assert steps.flop_notes == [
        "The FLOP of a training step are not known: the optimizer's step is compiled."
    ]
    assert not [one for one in recwarn if "stepped" in str(one.message)]


def test_torch_is_never_imported_by_us():
    code = "import sys, ocarbon_magic.progress.frameworks.torch; sys.exit('torch' in sys.modules)"
    assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", code) == 0
