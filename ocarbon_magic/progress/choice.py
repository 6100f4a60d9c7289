"""Of all that was counted, which count is the work of the run.

The rule, as CONTRIBUTING states it: by hand, then the training framework, then PyTorch's
optimizer steps, then a bar, then the cell's loops; the first of them that knows its total,
else the first. Among nested loops, the one whose body makes the training step; where no body
shows that, the one inside the outermost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ocarbon_magic.progress.base import Duty, Precedence
from ocarbon_magic.progress.plan import total_of
from ocarbon_magic.progress.units import EPOCH, singular
from ocarbon_magic.sums import whole_sum

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from ocarbon_magic.progress.nest import Node

SLOW_STEPS_PER_S = 0.5
"""A loop slower than this is no good clock, if there is one inside it."""

JUDGED_AFTER_S = 10.0
"""How long a loop must have run before its pace is judged."""


class Count(NamedTuple):
    """What is counted, how far it is, and who says so.

    Attributes
    ----------
    keys : tuple
        The counters whose steps add up to it.
    done, total : float, float or None
        In ``unit``.
    per_step : float
        Units in one step of the counters.
    rate_per_s : float or None
        Mean over the time in which it was counted.
    what : str
        What was counted, as a person would call it.
    samples_per_step : float or None
        What a loader says of its batches.
    any_unit : bool
        Whether it is in whatever unit the user says.
    """

    keys: tuple[Hashable, ...]
    done: float
    total: float | None
    unit: str
    source: str
    per_step: float = 1.0
    rate_per_s: float | None = None
    what: str = ""
    samples_per_step: float | None = None
    any_unit: bool = False


def best(counts: Iterable[Count]) -> Count | None:
    """Return the first of ``counts`` that knows its total, else the first; best ones first."""
    moved = list(counts)
    return next((count for count in moved if count.total is not None), moved[0] if moved else None)


def counts_of(
    nodes: Sequence[Node], precedence: Precedence, unit: str | None, now_s: float
) -> list[Count]:
    """Return the counts that the nodes of one precedence give, the best first.

    Parameters
    ----------
    nodes : sequence of Node
        All nodes of a nest.
    precedence : Precedence
    unit : str or None
        What the user calls a unit of work; a loop over that variable is taken at its word,
        and epochs are the outermost loop's.
    now_s : float
        Time of the nest's clock.
    """
    own = [node for node in nodes if node.site.precedence is precedence and node.counted]
    if not own:
        return []
    named = [node for node in own if unit and node.site.variable == singular(unit)]
    chosen = _training(named or own, now_s)
    if unit and precedence is Precedence.LOOP and (named or singular(unit) == EPOCH):
        epochs = chosen if named else list(dict.fromkeys(map(_root, chosen)))
        return [_count(epochs, now_s)._replace(unit=unit)]
    if precedence is not Precedence.LOOP:
        return [_count(chosen, now_s)]
    counts = [_count(chosen, now_s)]
    while chosen and all(node.around for node in chosen):
        chosen = list(dict.fromkeys(node.around[0] for node in chosen))
        if all(node.site.precedence is precedence for node in chosen):
            counts.append(_count(chosen, now_s))
    return counts


def _count(nodes: Sequence[Node], now_s: float) -> Count:
    site = nodes[-1].site
    done = sum(node.done() for node in nodes) * site.units_per_step
    seconds = sum(root.seconds(now_s) for root in {_root(node) for node in nodes})
    steps = whole_sum(map(total_of, nodes))
    per_step = site.units_per_step
    return Count(
        keys=tuple(nodes),
        done=done,
        total=None if steps is None else steps * per_step,
        unit=site.unit,
        source=site.source,
        per_step=per_step,
        rate_per_s=done / seconds if seconds > 0 else None,
        what=site.label,
        samples_per_step=site.samples_per_step,
    )


def _training(nodes: Sequence[Node], now_s: float) -> list[Node]:
    """Return the nodes that make the training's steps: several, if one follows another."""
    duty = max(node.site.duty for node in nodes)
    if duty >= Duty.GRADIENT or nodes[0].site.precedence is not Precedence.LOOP:
        able = [node for node in nodes if node.site.duty is duty]
        around = {outer for node in able for outer in node.around}
        return [node for node in able if node not in around]
    likely = [node for node in nodes if node.site.duty is not Duty.EVALUATION] or list(nodes)
    roots = {_root(node): None for node in likely}
    going = [root for root in roots if root.span.is_open()]
    root = max(going or roots, key=lambda node: node.seconds(now_s))
    return [_clock(root, likely, now_s)]


def _clock(root: Node, nodes: Sequence[Node], now_s: float) -> Node:
    """Return the loop inside ``root`` whose steps tell the time best."""
    chosen = _busiest(root, nodes, now_s) or root
    while chosen.seconds(now_s) > JUDGED_AFTER_S:
        if chosen.done() / chosen.seconds(now_s) >= SLOW_STEPS_PER_S:
            break
        inner = _busiest(chosen, nodes, now_s)
        if inner is None:
            break
        chosen = inner
    return chosen


def _busiest(outer: Node, nodes: Sequence[Node], now_s: float) -> Node | None:
    """Return the node right inside ``outer`` that took most of the time."""
    inside = [node for node in nodes if node.around[:1] == (outer,)]
    return max(inside, key=lambda node: node.seconds(now_s), default=None)


def _root(node: Node) -> Node:
    return node.around[-1] if node.around else node
