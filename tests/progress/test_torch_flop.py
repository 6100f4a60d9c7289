"""The FLOP of a sampled step, beside PyTorch's own counter."""

import contextlib
import importlib
import importlib.util
import os
import shutil
import threading
import traceback

import pytest

if not os.environ.get("CI") and importlib.util.find_spec("torch") is None:
    pytest.skip("PyTorch is not installed", allow_module_level=True)

import torch
import torch._dynamo
import torch.optim.optimizer as optimizer_module
from torch import nn
from torch._dynamo.utils import counters
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode, _get_current_dispatch_mode_stack
from torch.utils.checkpoint import checkpoint
from torch.utils.flop_counter import FlopCounterMode

from ocarbon_magic.progress.frameworks.flop import StepFlop
from ocarbon_magic.progress.frameworks.torch import OptimizerSteps

SEES_COMPILED = hasattr(TorchDispatchMode, "ignore_compile_internals")
LINEAR = 3 * 2 * 8 * 4 * 2  # forward, and backward for the weights and the input


class Passing(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.LSTM(8, 16, 2, bidirectional=True)

    def forward(self, x):
        return self.layer(x)[0]


def mlp():
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4)), torch.randn(8, 16)


def cnn():
    layers = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3, stride=2)
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(144, 4)), torch.randn(2, 3, 16, 16)


def transformer():
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, dropout=0.1)
    return nn.TransformerEncoder(layer, 2), torch.randn(4, 8, 16)


@contextlib.contextmanager
def watching(**options):
    steps = OptimizerSteps(**options)
    steps.install(optimizer_module, None)
    try:
        yield steps
    finally:
        steps.remove()
        assert not optimizer_module._global_optimizer_post_hooks
        assert _get_current_dispatch_mode_stack() == []


@contextlib.contextmanager
def counting(totals):
    with FlopCounterMode(display=False) as counter:
        yield
    totals.append(counter.get_total_flops())


def train(model, data, times=8, around=contextlib.nullcontext, optimizer=None):
    optimizer = optimizer or torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(times):
        with around():
            optimizer.zero_grad()
            loss = model(data).square().mean()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("make", [mlp, cnn, transformer])
def test_a_step_has_the_flop_that_pytorch_counts(make):
    totals = []
    with sdpa_kernel(SDPBackend.MATH):
        train(*make(), times=1, around=lambda: counting(totals))
        with watching() as steps:
            train(*make())
    assert steps.step_flop == StepFlop(totals[0], "cpu", 1, "fp32")
    assert steps.flop_notes == []


def test_attention_that_pytorch_does_not_count_on_a_cpu():
    q = nn.Parameter(torch.randn(2, 4, 16, 8))
    with watching() as steps:
        train(
            lambda x: nn.functional.scaled_dot_product_attention(q, x, x),
            torch.randn(2, 4, 16, 8),
            optimizer=torch.optim.SGD([q], lr=0.1),
        )
    product = 2 * 2 * 4 * 16 * 16 * 8
    assert steps.step_flop.flop == (2 + 5) * product


def test_recurrent_layers():
    with watching() as steps:
        train(Recurrent(), torch.randn(5, 3, 8))
    weights = 2 * 64 * (8 + 16) + 2 * 64 * (32 + 16)
    assert steps.step_flop.flop == 3 * 2 * 5 * 3 * weights


def test_recomputed_activations_are_work_too():
    first, second = nn.Linear(8, 8), nn.Linear(8, 8)
    model, data = nn.Sequential(first, second), torch.randn(4, 8, requires_grad=True)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        train(lambda x: checkpoint(model, x, use_reentrant=False), data, optimizer=optimizer)
    assert steps.step_flop.flop == (3 + 3 + 1) * 2 * 4 * 8 * 8


@pytest.mark.parametrize(
    ("dtype", "precision"),
    [(torch.float64, "fp64"), (torch.bfloat16, "bf16"), (torch.float16, "fp16")],
)
def test_the_precision_is_that_of_the_products(dtype, precision):
    model, data = mlp()
    with watching() as steps:
        train(model.to(dtype), data.to(dtype))
    assert steps.step_flop.precision == precision


def test_under_autocast_the_precision_is_that_of_the_products():
    model, data = mlp()
    with watching() as steps:
        train(model, data, around=lambda: torch.autocast("cpu", torch.bfloat16))
    assert steps.step_flop.precision == "bf16"


def test_forward_passes_without_gradients_are_work_too():
    model, data = linear()
    teacher = nn.Linear(8, 4, bias=False)

    def taught(x):
        with torch.inference_mode():
            aim = teacher(x)
        return model(x) - aim

    with watching() as steps:
        train(taught, data, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    assert steps.step_flop.flop == LINEAR + LINEAR / 3


@pytest.mark.filterwarnings("ignore")
def test_nested_tensors_train_as_before():
    layer, parts = nn.Linear(8, 4, bias=False), [torch.randn(3, 8), torch.randn(5, 8)]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)

    def strided(_):
        return torch.nested.to_padded_tensor(layer(torch.nested.nested_tensor(parts)), 0.0)

    def jagged(_):
        return layer(torch.nested.nested_tensor(parts, layout=torch.jagged)).values()

    with watching() as steps:
        train(strided, None, optimizer=optimizer)
    assert steps.done() == 8
    assert steps.step_flop is None
    with watching() as steps:
        train(jagged, None, optimizer=optimizer)
    assert steps.step_flop.flop / (2 * 8 * 8 * 4) in {2, 3}  # with the input's gradient or not


@pytest.mark.parametrize("make", [mlp, cnn, transformer])
def test_results_do_not_change(make):
    torch.manual_seed(0)
    alone = train(*make())
    torch.manual_seed(0)
    with watching() as steps:
        watched = train(*make())
    assert watched == alone
    assert steps.step_flop


def test_without_flop_no_mode_is_entered():
    model, data = mlp()
    stacks = []
    with watching(count_flop=False) as steps:
        train(
            model,
            data,
            around=lambda: (
                stacks.append(_get_current_dispatch_mode_stack()) or contextlib.nullcontext()
            ),
        )
    assert stacks == [[]] * 8
    assert (steps.step_flop, steps.done(), steps.flop_notes) == (None, 8, [])


def test_two_steps_are_sampled_and_no_more():
    model, data = mlp()
    stacks = []
    with watching():
        train(
            model,
            data,
            times=50,
            around=lambda: (
                stacks.append(len(_get_current_dispatch_mode_stack())) or contextlib.nullcontext()
            ),
        )
    assert stacks == [0, 0, 0, 1, 1] + [0] * 45


def linear():
    return nn.Linear(8, 4, bias=False), torch.randn(2, 8, requires_grad=True)


@pytest.mark.parametrize("when", [3, 4])
def test_an_evaluation_between_steps_is_not_the_steps(when):
    model, data = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        for step in range(8):
            train(model, data, times=1, optimizer=optimizer)
            if step == when - 1:
                with torch.inference_mode():
                    model(torch.randn(1000, 8))
    assert steps.step_flop.flop == LINEAR


def test_a_step_has_all_its_micro_batches():
    model, data = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        for micro_batch in range(24):
            model(data).sum().backward()
            if micro_batch % 4 == 3:
                optimizer.step()
                optimizer.zero_grad()
    assert steps.step_flop.flop == 4 * LINEAR


@pytest.mark.parametrize(
    ("critic_steps", "flop"), [(1, LINEAR + 2 * LINEAR), (5, LINEAR + 2 * LINEAR / 5)]
)
def test_a_counted_step_has_its_share_of_each_optimizer(critic_steps, flop):
    (critic, data), (generator, _) = linear(), linear()
    critic_optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
    generator_optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    twice = torch.cat([data.detach()] * 2).requires_grad_()
    with watching() as steps:
        for _ in range(8):
            train(critic, data, times=critic_steps, optimizer=critic_optimizer)
            train(generator, twice, times=1, optimizer=generator_optimizer)
    assert steps.done() == 8 * critic_steps
    assert steps.step_flop.flop == pytest.approx(flop)


def test_a_second_training_is_sampled_anew():
    model, data = linear()
    with watching() as steps:
        train(model, data)
        train(model, torch.cat([data.detach()] * 3).requires_grad_())
    assert steps.step_flop.flop == 3 * LINEAR


def test_an_optimizer_that_stops_while_sampled_does_not_keep_the_mode():
    with watching() as steps:
        train(*linear(), times=3)
        train(*mlp(), times=150)
        assert _get_current_dispatch_mode_stack() == []
    assert steps.done() == 153


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("after", [3, 4])
def test_an_error_within_the_sampled_step_leaves_nothing(error, after):
    model, data = mlp()
    with watching() as steps:
        train(model, data, times=after)
        assert len(_get_current_dispatch_mode_stack()) == 1
        with pytest.raises(error):
            train(
                lambda _: (_ for _ in ()).throw(error),
                data,
                optimizer=torch.optim.SGD(model.parameters()),
            )
    assert steps.done() == after


def test_the_frame_of_an_operator_that_fails_asks_to_be_hidden():
    model, data = mlp()
    with watching():
        train(model, data, times=3)
        with pytest.raises(RuntimeError) as caught:
            model(torch.randn(3, 3))
    ours = [
        frame
        for frame, _ in traceback.walk_tb(caught.value.__traceback__)
        if "ocarbon_magic" in frame.f_code.co_filename
    ]
    assert all("__tracebackhide__" in frame.f_locals for frame in ours)


def test_a_mode_of_the_user_is_never_taken_off():
    model, data = mlp()
    mode = Passing()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        train(model, data, times=3, optimizer=optimizer)
        mode.__enter__()
        train(model, data, times=4, optimizer=optimizer)
        ours, theirs = _get_current_dispatch_mode_stack()
        assert theirs is mode
        assert ours.idle
        mode.__exit__(None, None, None)
        train(model, data, times=1, optimizer=optimizer)
        assert _get_current_dispatch_mode_stack() == []
    assert steps.done() == 8
    assert steps.step_flop


def test_a_run_that_ends_under_a_mode_of_the_user():
    model, data = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    mode = Passing()
    steps = OptimizerSteps()
    steps.install(optimizer_module, None)
    train(model, data, times=3, optimizer=optimizer)
    mode.__enter__()
    steps.remove()
    assert _get_current_dispatch_mode_stack()[-1] is mode
    mode.__exit__(None, None, None)
    train(model, data, times=1, optimizer=optimizer)
    assert _get_current_dispatch_mode_stack() == []
    assert steps.done() == 3
    assert len(steps.flop_notes) == 1
    optimizer_module._global_optimizer_post_hooks.clear()


def test_a_run_that_ends_while_another_thread_is_sampled():
    model, data = mlp()
    reached, ended, stacks = threading.Event(), threading.Event(), []
    steps = OptimizerSteps()
    steps.install(optimizer_module, None)

    def work():
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        train(model, data, times=3, optimizer=optimizer)
        reached.set()
        ended.wait()
        train(model, data, times=1, optimizer=optimizer)
        stacks.append(_get_current_dispatch_mode_stack())

    thread = threading.Thread(target=work)
    thread.start()
    reached.wait()
    steps.remove()
    ended.set()
    thread.join()
    assert stacks == [[]]
    assert steps.done() == 3
    optimizer_module._global_optimizer_post_hooks.clear()


def test_threads_that_train_beside_each_other_give_no_figure():
    together = threading.Barrier(2, timeout=30)
    with watching() as steps:

        def work():
            model, data = mlp()
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for _ in range(8):
                together.wait()
                train(model, data, times=1, optimizer=optimizer)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert steps.step_flop is None
        assert steps.done() == 8


def test_forward_passes_in_other_threads_give_no_figure():
    model, data = mlp()

    def forward(x):
        outs = []
        thread = threading.Thread(target=lambda: outs.append(model(x)))
        thread.start()
        thread.join()
        return outs[0]

    with watching() as steps:
        train(forward, data, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    assert steps.step_flop is None
    assert steps.flop_notes == [
        "The FLOP of a training step are not known: forward passes run in other threads."
    ]


def test_what_fails_once_is_tried_again(monkeypatch):
    monkeypatch.setattr("ocarbon_magic.progress.frameworks.sampling.new_mode", None)
    model, data = linear()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        train(model, data, times=9, optimizer=optimizer)
        assert (steps.step_flop, len(steps.flop_notes)) == (None, 1)
        monkeypatch.undo()
        train(model, data, times=9, optimizer=optimizer)
    assert steps.step_flop.flop == LINEAR
    assert steps.flop_notes == []


def test_a_model_without_products_has_no_figure():
    one = nn.Parameter(torch.ones(3))
    with watching() as steps:
        train(lambda x: x * one, torch.ones(3), times=40, optimizer=torch.optim.SGD([one], lr=0.1))
    assert (steps.step_flop, steps.flop_notes) == (None, [])


class Wrapped(torch.Tensor):
    """A subclass that does its work on a tensor inside it, as DTensor does."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)

    def __init__(self, inner):
        self.inner = inner

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        half = [one.inner[: len(one.inner) // 2] if isinstance(one, cls) else one for one in args]
        return func(*half, **(kwargs or {}))


def test_a_tensor_that_holds_others_counts_what_they_do():
    weight = nn.Parameter(torch.randn(8, 4))
    whole = Wrapped(torch.randn(6, 8))
    with watching() as steps:
        train(
            lambda x: weight.t() @ weight + torch.mm(x, weight.detach()).sum(),
            whole,
            optimizer=torch.optim.SGD([weight], lr=0.1),
        )
    assert steps.step_flop.flop == 3 * 2 * 4 * 8 * 4 + 2 * 3 * 8 * 4


def compiled(make, backend, watched):
    torch._dynamo.reset()
    counters.clear()
    torch.manual_seed(0)
    model, data = make()
    fast = torch.compile(model, backend=backend, fullgraph=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    if not watched:
        return train(fast, data, optimizer=optimizer), None, dict(counters["stats"])
    with watching() as steps:
        losses = train(fast, data, optimizer=optimizer)
    return losses, steps, dict(counters["stats"])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["aot_eager", "inductor"])
def test_a_compiled_model_stays_compiled_and_has_the_same_flop(backend):
    if backend == "inductor" and not shutil.which("g++") and not os.environ.get("CI"):
        pytest.skip("no C++ compiler for inductor")
    alone, _, made = compiled(cnn, backend, watched=False)
    losses, steps, made_watched = compiled(cnn, backend, watched=True)
    with watching() as eager:
        train(*cnn())
    assert losses == alone
    assert made_watched == made
    if SEES_COMPILED:
        assert steps.step_flop == eager.step_flop
        assert steps.flop_notes == []
    else:
        assert steps.step_flop is None
        assert len(steps.flop_notes) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not SEES_COMPILED, reason="older versions compile it anew, once")
def test_what_is_compiled_first_in_a_sampled_step_stays_compiled():
    torch._dynamo.reset()
    counters.clear()
    model, data = mlp()
    fast = torch.compile(model, backend="aot_eager", fullgraph=True, dynamic=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with watching() as steps:
        train(model, data, times=3, optimizer=optimizer)
        train(fast, data, times=1, optimizer=optimizer)
        assert counters["stats"]["unique_graphs"] == 1
        train(fast, data, times=8, optimizer=optimizer)
    assert counters["stats"]["unique_graphs"] == 1
    assert steps.step_flop.flop == 3 * 2 * 8 * (16 * 32 + 32 * 4) - 2 * 8 * 16 * 32
    assert steps.flop_notes == []


@pytest.mark.filterwarnings("ignore")
def test_products_that_compiled_code_hides_give_no_figure():
    made = importlib.import_module("torch._inductor.codecache").PyCodeCache
    torch._dynamo.reset()
    made.cache_clear()
    with watching() as steps:
        train(*mlp())
    assert steps.step_flop
    made.load("# @triton_heuristics.template")
    with watching() as steps:
        train(*mlp())
    made.cache_clear()
    assert steps.step_flop is None
    assert len(steps.flop_notes) == 1


@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(not SEES_COMPILED, reason="older versions compile it anew")
def test_an_operator_that_holds_a_program_gives_no_figure():
    model, data = mlp()

    def forward(x):
        with torch.no_grad():
            more = torch.cond(x.sum() > 0, lambda y: y @ y.t(), lambda y: y @ y.t(), (x,))
        return model(x).sum() + more.sum()

    with watching() as steps:
        train(forward, data, optimizer=torch.optim.SGD(model.parameters(), lr=0.1))
    assert steps.done() == 8
    assert steps.step_flop is None
    assert steps.flop_notes == [
        "The FLOP of a training step are not known: cond cannot be looked into."
    ]


@pytest.mark.filterwarnings("ignore")
def test_a_compiled_training_step_is_counted_and_not_looked_into():
    torch._dynamo.reset()
    model, data = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    @torch.compile(backend="aot_eager")
    def step():
        optimizer.zero_grad()
        model(data).square().mean().backward()
        optimizer.step()

    with watching() as steps:
        for _ in range(8):
            step()
    assert steps.done() == 8
    assert steps.step_flop is None
