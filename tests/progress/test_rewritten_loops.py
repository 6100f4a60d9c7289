"""Rewriting changes nothing that a program does: random programs, run with and without."""

from __future__ import annotations

import itertools
import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st
from measured_cells import Notebook

SOURCES = (
    "range({n})", "[7] * {n}", "(c for c in 'abcd'[:{n}])", "enumerate(range({n}))",
    "zip(range({n}), 'abc')", "dict.fromkeys(range({n}))", "Odd({n})",
)  # fmt: skip
PRELUDE = """
class Odd:
    def __init__(self, n):
        self.n = n
    def __iter__(self):
        log.append("iter")
        return iter(range(self.n))

log = []
fuel = [300]

def burn(what):
    log.append(what)
    fuel[0] -= 1
    if fuel[0] < 0:
        raise SystemExit
    return len(log)
"""


def block(lines):
    return textwrap.indent("\n".join(lines), "    ")


@st.composite
def statements(draw, depth, *, in_loop, in_function):
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        kinds = ["mark", "mark", "if"] + ["for", "while", "try"] * (depth > 0)
        kinds += ["break", "continue"] * in_loop + ["return"] * in_function + ["raise"]
        kind = draw(st.sampled_from(kinds))
        lines += draw(statement(kind, depth, in_loop=in_loop, in_function=in_function))
    return lines


@st.composite
def statement(draw, kind, depth, *, in_loop, in_function):  # noqa: PLR0911 - one for each kind
    mark = draw(st.integers(0, 99))
    inner = {"in_function": in_function}
    if kind == "mark":
        return [f"burn({mark})"]
    if kind in ("break", "continue"):
        return [f"if burn({mark}) % {draw(st.integers(1, 4))} == 0: {kind}"]
    if kind == "return":
        return [f"if burn({mark}) % 5 == 0: return burn({mark})"]
    if kind == "raise":
        return [f"if burn({mark}) % 7 == 0: raise KeyError({mark})"]
    body = block(
        draw(statements(max(depth - 1, 0), in_loop=in_loop or kind in ("for", "while"), **inner))
    )
    if kind == "if":
        return [f"if burn({mark}) % 2:", body]
    if kind == "try":
        ending = draw(
            st.sampled_from([f"except KeyError:\n    burn({mark})", f"finally:\n    burn({mark})"])
        )
        return ["try:", body, *ending.splitlines()]
    otherwise = []
    if draw(st.booleans()):
        otherwise = ["else:", block(draw(statements(0, in_loop=in_loop, **inner)))]
    if kind == "for":
        source = draw(st.sampled_from(SOURCES)).format(n=draw(st.integers(0, 4)))
        return [f"for x{depth} in {source}:", body, *otherwise]
    return [f"while burn({mark}) % {draw(st.integers(2, 5))}:", body, *otherwise]


@st.composite
def programs(draw):
    function = block(draw(statements(2, in_loop=False, in_function=True)))
    main = draw(statements(3, in_loop=False, in_function=False))
    call = draw(st.sampled_from([["f()"], ["for y in range(3):", "    f()"], []]))
    return "\n".join(["def f():", function, *call, *main])


@settings(max_examples=400, deadline=None)
@given(programs())
def test_a_program_does_the_same_with_its_loops_counted(program):
    outcomes = []
    for measured in (False, True):
        notebook = Notebook()
        notebook.run(PRELUDE, measured=False)
        observer, error = notebook.run(program, measured=measured)
        names = {k: repr(v) for k, v in notebook.names.items() if k[0] in "xy"}
        outcomes.append((notebook.names["log"], names, type(error), str(error)))
        observer.read()
    assert outcomes[0] == outcomes[1]


@st.composite
def counted_loops(draw, depth, names, *, in_function):
    """Loops that count themselves by hand at the end of each iteration, and end in any way."""
    lines = []
    for _ in range(draw(st.integers(1, 2))):
        name = f"x{next(names)}"
        source = draw(st.sampled_from(SOURCES)).format(n=draw(st.integers(0, 5)))
        inner = ["pass"]
        if depth:
            inner = draw(counted_loops(depth - 1, names, in_function=in_function))
        endings = ["pass", "break", "continue", "1 / 0"] + ["return"] * in_function
        ending = draw(st.sampled_from(endings))
        body = [*inner, f"hand[{name!r}] = hand.get({name!r}, 0) + 1"]
        if ending == "1 / 0":
            body.insert(0, f"if burn(0) % {draw(st.integers(2, 9))} == 0: 1 / 0")
        else:
            body.append(f"if burn(0) % {draw(st.integers(2, 9))} == 0: {ending}")
        loop = [f"for {name} in {source}:", block(body)]
        if draw(st.booleans()):
            loop = ["try:", block(loop), "except ZeroDivisionError: pass"]
        lines += loop
    return lines


@st.composite
def counting_programs(draw):
    names = itertools.count()
    function = block(draw(counted_loops(1, names, in_function=True)))
    calls = draw(st.sampled_from(["f()", "for y in range(3): f()", "f(); f()"]))
    main = draw(counted_loops(2, names, in_function=False))
    return "\n".join(["def f():", function, "try:", f"    {calls}", "except KeyError: pass", *main])


@settings(max_examples=300, deadline=None)
@given(counting_programs())
def test_every_loop_is_counted_as_it_counts_itself(program):
    notebook = Notebook()
    notebook.run(PRELUDE + "\nhand = {}\nfuel[0] = 10**9", measured=False)
    observer, _ = notebook.run(program)
    steps = observer.read().steps
    found = {}
    given_up = {node.site.variable for node in steps if not node.counted}
    for node, done in steps.items():
        found[node.site.variable] = found.get(node.site.variable, 0) + done
    hand = {name: n for name, n in notebook.names["hand"].items() if name not in given_up}
    assert {name: found.get(name) for name in hand} == hand
    assert not any(found[name] for name in found.keys() - hand.keys() - given_up - {"y"})
