"""The FLOP of one training step, from the operations that it consists of.

A dispatch mode sees every operation between two optimizer steps. It lies below autograd, so
backward passes and recomputed activations are seen too, and it changes nothing: each
operation runs as it would have. What `torch.compile` made stays compiled below it.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections import Counter
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from ocarbon_magic.progress.frameworks.stack import outwards

_PRECISION = {
    "float64": "fp64",
    "complex128": "fp64",
    "float16": "fp16",
    "bfloat16": "bf16",
    "int8": "int8",
    "uint8": "int8",
}
_HIDDEN_PRODUCTS = ("triton_heuristics.template", "flex_attention", "micro_gemm", "cutlass")


@dataclass(frozen=True, slots=True)
class StepFlop:
    """What one training step computes, in this process.

    Attributes
    ----------
    flop : float
        Operations of matrix products, convolutions and attention, an addition and a
        multiplication being two; on the kind of device that did most.
    device : str
        That kind, as PyTorch calls it: cuda, cpu, mps.
    device_count : int
        How many devices of that kind took part.
    precision : str
        The one of most FLOP: fp64, fp32, tf32, fp16, bf16, fp8 or int8.
    """

    flop: float
    device: str
    device_count: int
    precision: str


class Work(NamedTuple):
    """Where FLOP were done, and how."""

    device: str
    number: int
    precision: str
    backward: bool


def step_flop(work: Counter[Work], share: float) -> StepFlop:
    """Return ``share`` of all work that is not empty, as that of one step."""
    devices: Counter[str] = Counter()
    precisions: Counter[tuple[str, str]] = Counter()
    for where, flop in work.items():
        devices[where.device] += flop
        precisions[where.device, where.precision] += flop
    [(device, flop)] = devices.most_common(1)
    precision = max((n, name) for (kind, name), n in precisions.items() if kind == device)[1]
    count = len({where.number for where in work if where.device == device})
    return StepFlop(flop * share, device, count, precision)


def reason_unknown(work: Counter[Work]) -> str:
    """Return why ``work`` cannot be all that a step did; empty if it may be."""
    if work and all(where.backward for where in work):
        return "forward passes run in other threads"
    if _has_hidden_products():
        return "torch.compile made kernels or CUDA graphs that cannot be looked into"
    return ""


def _has_hidden_products() -> bool:
    """Tell whether compiled code computes products other than through PyTorch's operations."""
    graphs = sys.modules.get("torch._inductor.cudagraph_trees")
    if graphs is not None and getattr(graphs.local, "tree_manager_containers", None):
        return True
    codecache = sys.modules.get("torch._inductor.codecache")
    if codecache is None:
        return False
    made = codecache.PyCodeCache
    modules = getattr(made, "modules", None) or list(getattr(made, "cache", {}).values())
    texts = (Path(module.__file__).read_text(encoding="utf-8") for module in modules)
    return any(mark in text for text in texts for mark in _HIDDEN_PRODUCTS)


class _Seeing:
    """What the dispatch mode does; the class that it also is of cannot be named without PyTorch."""

    supports_higher_order_operators = True

    def __init__(self) -> None:
        super().__init__()
        self.work: Counter[Work] = Counter()
        self.failed = ""
        self.idle = False
        self._tf32 = _tf32()

    @classmethod
    def is_infra_mode(cls) -> bool:
        """Keep compiled code compiled: eager, it may need more memory than there is."""
        return True

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401 - an operator
        types: Any,  # noqa: ANN401 - a collection of classes
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - what the operator returns
        __tracebackhide__ = True
        kwargs = kwargs or {}
        if types and any(map(_takes_itself_apart, types)):  # and the parts come here
            return NotImplemented
        if self.idle:
            return func(*args, **kwargs)
        plan = _plan(func)
        if plan.made_of_others and all(map(_is_common, (*args, *kwargs.values()))):
            with self:  # type: ignore[attr-defined]
                return func.decompose(*args, **kwargs)
        out = func(*args, **kwargs)
        if plan.formula is not None:
            try:
                self._add(plan, args, kwargs, out)
            except Exception as error:  # noqa: BLE001 - measuring never breaks training
                self.failed = f"{func}: {type(error).__name__}: {error}"
        elif plan.opaque:
            self.failed = f"{func} cannot be looked into"
        return out

    def _add(self, plan: _Plan, args: tuple[Any, ...], kwargs: dict[str, Any], out: Any) -> None:  # noqa: ANN401 - what an operator returned
        device, name = args[0].device, str(args[0].dtype).removeprefix("torch.")
        precision = _PRECISION.get(name) or ("fp8" if "float8" in name else "fp32")
        if precision == "fp32" and device.type == "cuda" and self._tf32[plan.convolves]:
            precision = "tf32"
        graph = sys.modules["torch"]._C._current_graph_task_id()  # noqa: SLF001 - there is no public one
        work = Work(device.type, device.index or 0, precision, backward=graph != -1)
        if device.type != "meta":
            self.work[work] += plan.formula(*args, **kwargs, out_val=out)


def _takes_itself_apart(kind: Any) -> bool:  # noqa: ANN401 - a class of tensors
    plain = sys.modules["torch"].Tensor.__torch_dispatch__
    return getattr(kind, "__torch_dispatch__", plain) is not plain


def _is_common(arg: Any) -> bool:  # noqa: ANN401 - an operator's argument
    """Tell whether ``arg`` is no tensor that some composite operators have a kernel for."""
    if isinstance(arg, (list, tuple)):
        return all(map(_is_common, arg))
    torch = sys.modules["torch"]
    return not isinstance(arg, torch.Tensor) or (
        arg.layout is torch.strided
        and arg.device.type in {"cpu", "cuda"}
        and not (arg.is_nested or arg.is_quantized)
    )


class _Plan(NamedTuple):
    """How an operator is counted."""

    formula: Any
    made_of_others: bool = False
    convolves: bool = False
    opaque: bool = False


@functools.cache
def _plan(func: Any) -> _Plan:  # noqa: ANN401 - an operator
    torch = sys.modules["torch"]
    if isinstance(func, torch._ops.HigherOrderOperator):  # noqa: SLF001 - there is no public one
        return _Plan(_formulas().get(func), opaque=True)
    name, key = func.name(), "CompositeImplicitAutograd"
    made_of_others = torch._C._dispatch_has_kernel_for_dispatch_key(name, key)  # noqa: SLF001 - as `decompose`
    formula = _formulas().get(func._overloadpacket)  # noqa: SLF001 - as `FlopCounterMode`
    return _Plan(formula, made_of_others, "convolution" in name)


@functools.cache
def _mode_class() -> Any:  # noqa: ANN401 - a class of a library without types
    """Return the dispatch mode; PyTorch has been imported if this is called."""
    made = type("StepFlopMode", (_Seeing, _dispatch().TorchDispatchMode), {})
    untraced = sys.modules["torch"]._disable_dynamo(_Seeing.__torch_dispatch__)  # noqa: SLF001 - as newer PyTorch does by itself
    made.__torch_dispatch__ = untraced  # type: ignore[attr-defined]
    return made


def reason_not_to_measure() -> str:
    """Return why no mode may be entered here; empty if it may."""
    cuda = sys.modules["torch"].cuda
    if cuda.is_available() and cuda.is_current_stream_capturing():
        return "the step is captured as a CUDA graph"
    if _is_compiled():
        return "the optimizer's step is compiled"
    mode = _dispatch().TorchDispatchMode
    if not hasattr(mode, "is_infra_mode"):
        return "PyTorch is older than 2.5"
    frames = sys.modules.get("torch._dynamo.convert_frame")
    if not hasattr(mode, "ignore_compile_internals") and frames and frames.output_codes.seen:
        return "this version of PyTorch would compile the model anew"
    return ""


def new_mode() -> Any:  # noqa: ANN401 - of a class of a library without types
    """Return a dispatch mode that adds up ``work``, unless it is ``idle`` or has ``failed``."""
    return _mode_class()()


def leave(mode: Any) -> bool:  # noqa: ANN401 - of a class of a library without types
    """Take a mode off this thread's stack, if there; return False if that must wait.

    A mode that the user has entered since stays on top.
    """
    if _is_compiled():
        return False
    stack = _dispatch()._get_current_dispatch_mode_stack()  # noqa: SLF001 - there is no public one
    if mode not in stack:
        return True
    if mode is not stack[-1]:
        return False
    mode.__exit__(None, None, None)
    return True


def _is_compiled() -> bool:
    """Tell whether compiled code is being run, which puts back PyTorch's state when it ends."""
    callers = outwards(sys._getframe())  # noqa: SLF001 - to look at callers
    return any(one.f_globals.get("__name__") == "torch._dynamo.eval_frame" for one in callers)


def _dispatch() -> Any:  # noqa: ANN401 - a module without types
    return importlib.import_module("torch.utils._python_dispatch")


@functools.cache
def _formulas() -> dict[Any, Any]:
    """Return PyTorch's formulas by operator, and those for operators that it leaves out."""
    registry: dict[Any, Any] = importlib.import_module("torch.utils.flop_counter").flop_registry
    aten = sys.modules["torch"].ops.aten
    flash = registry.get(aten._scaled_dot_product_flash_attention)  # noqa: SLF001 - its name
    flash_backward = registry.get(aten._scaled_dot_product_flash_attention_backward)  # noqa: SLF001 - its name
    more = {
        "_scaled_dot_product_flash_attention_for_cpu": flash,
        "_scaled_dot_product_flash_attention_for_cpu_backward": flash_backward,
        "_scaled_dot_product_fused_attention_overrideable": flash,
        "_scaled_dot_product_fused_attention_overrideable_backward": flash_backward,
        "_scaled_dot_product_attention_math_for_mps": flash,
        "linear": _linear_flop,
        "linear_backward": _linear_backward_flop,
        "_int_mm": registry.get(aten.mm),
        "_scaled_mm_v2": registry.get(aten.mm),
        "_grouped_mm": _grouped_flop,
        "_scaled_grouped_mm": _grouped_flop,
        "_cudnn_rnn": _recurrent_flop,
        "_cudnn_rnn_backward": _recurrent_backward_flop,
        "mkldnn_rnn_layer": _recurrent_flop,
        "mkldnn_rnn_layer_backward": _recurrent_backward_flop,
    }
    ours = {getattr(aten, name): formula for name, formula in more.items() if hasattr(aten, name)}
    return {**ours, **registry}


def _grouped_flop(a: Any, b: Any, *_: Any, **__: Any) -> float:  # noqa: ANN401 - tensors
    """Count a product of which each group takes its rows, columns or matrices."""
    whole = a.shape if a.dim() == b.dim() == 3 else a.shape[-2:]  # noqa: PLR2004 - a batch
    return float(2 * prod(whole) * b.shape[-1])


def _linear_flop(of: Any, weight: Any, *_: Any, **__: Any) -> float:  # noqa: ANN401 - tensors
    """Count a linear layer, which is an operator of its own on some devices."""
    return float(2 * prod(of.shape[:-1]) * weight.numel())


def _linear_backward_flop(of: Any, _: Any, weight: Any, mask: Any, **__: Any) -> float:  # noqa: ANN401 - tensors
    return float(sum(mask[:2])) * _linear_flop(of, weight)


def _recurrent_flop(of: Any, first: Any, second: Any, *_: Any, **__: Any) -> float:  # noqa: ANN401 - tensors
    """Count recurrent layers: each row of the input meets each matrix of weights."""
    weights = first if isinstance(first, (list, tuple)) else (first, second)
    matrices = [one for one in weights if one.dim() == 2]  # noqa: PLR2004 - a bias has 1
    return float(2 * prod(of.shape[:-1]) * sum(one.numel() for one in matrices))


def _recurrent_backward_flop(*args: Any, **kwargs: Any) -> float:  # noqa: ANN401 - tensors and settings
    return 2.0 * _recurrent_flop(*args, **kwargs)


def _tf32() -> tuple[bool, bool]:
    """Return whether float32 products, and convolutions, are computed in TF32 on NVIDIA GPUs."""
    torch = sys.modules["torch"]
    if not (torch.version.cuda and torch.cuda.is_initialized()):
        return False, False
    if torch.cuda.get_device_capability() < (8, 0):
        return False, False
    backends = torch.backends
    try:
        products = backends.cuda.matmul.fp32_precision == "tf32"
        convolutions = backends.cudnn.conv.fp32_precision == "tf32"
    except AttributeError:  # before PyTorch 2.9
        products, convolutions = backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32
    return bool(products), bool(convolutions)
