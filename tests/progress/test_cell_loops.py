"""The loops of a cell: what is counted, against a count made by hand."""

from __future__ import annotations

import builtins
import gc
import pickle
import threading
import traceback
import weakref

import cloudpickle
import pytest
from measured_cells import Notebook, counted

from ocarbon_magic.progress.loops import functions

# A cell, the steps it makes, and the steps it was going to make (None: nobody could know).
CELLS = {
    "range": ("for i in range(7): pass", 7, 7),
    "list": ("data = [1, 2, 3]\nfor x in data: pass", 3, 3),
    "list made for it": ("for x in list(range(9)): pass", 9, 9),
    "tuple": ("for x in (1, 2): pass", 2, 2),
    "string": ("for c in 'word': pass", 4, 4),
    "bytes": ("for c in b'word': pass", 4, 4),
    "set": ("for x in {1, 2, 3}: pass", 3, 3),
    "dict": ("for k in {'a': 1, 'b': 2}: pass", 2, 2),
    "dict views": ("d = {'a': 1}\nfor k, v in d.items(): pass\nfor v in d.values(): pass", 1, 1),
    "deque": ("from collections import deque\nfor x in deque([1, 2]): pass", 2, 2),
    "array": ("import numpy as np\nfor row in np.zeros((6, 2)): pass", 6, 6),
    "array of no dimensions": (
        "import numpy as np\ntry:\n    for x in np.array(1): pass\nexcept TypeError: pass",
        None,
        None,
    ),
    "huge range": ("for i in range(2**80):\n    if i == 4: break", 4, None),
    "enumerate": ("for i, x in enumerate([1, 2, 3], 10): pass", 3, 3),
    "enumerate of a generator": ("for i, x in enumerate(c for c in 'abc'): pass", 3, None),
    "zip": ("for a, b in zip(range(5), [1, 2, 3]): pass", 3, 3),
    "zip that a generator ends": ("for a, b in zip(range(9), (c for c in 'ab')): pass", 2, None),
    "map": ("for x in map(str, range(4)): pass", 4, 4),
    "map of two": ("for x in map(max, range(4), [1, 2]): pass", 2, 2),
    "filter": ("for x in filter(None, range(5)): pass", 4, None),
    "reversed": ("for x in reversed([1, 2, 3]): pass", 3, 3),
    "enumerate of zip of map": (
        "for i, (a, b) in enumerate(zip(map(str, range(3)), 'abcd')): pass",
        3,
        3,
    ),
    "iterator taken up": ("it = iter([1, 2, 3, 4])\nnext(it)\nfor x in it: pass", 3, None),
    "islice": ("from itertools import islice\nfor x in islice(range(9), 4): pass", 4, None),
    "chain": ("from itertools import chain\nfor x in chain([1], [2, 3]): pass", 3, None),
    "generator": ("for x in (y * y for y in range(5)): pass", 5, None),
    "own iterable with a length": (
        "class Data:\n    def __len__(self): return 3\n"
        "    def __iter__(self): return iter('abc')\nfor x in Data(): pass",
        3,
        3,
    ),
    "own sequence": (
        "class Data:\n    def __len__(self): return 3\n"
        "    def __getitem__(self, i):\n        if i > 2: raise IndexError\n        return i\n"
        "for x in Data(): pass",
        3,
        3,
    ),
    "a length that is too short": (
        "class Data:\n    def __len__(self): return 2\n"
        "    def __iter__(self): return iter('abc')\nfor x in Data(): pass",
        3,
        None,
    ),
    "a length that fails": (
        "class Data:\n    def __len__(self): raise RuntimeError\n"
        "    def __iter__(self): return iter('abc')\nfor x in Data(): pass",
        3,
        None,
    ),
    "growing list": ("q = [1]\nfor x in q:\n    if x < 6: q.append(x + 1)", 6, 6),
    "shrinking list": ("q = [1, 2, 3, 4]\nfor x in q: q.pop()", 2, 2),
    "empty": ("for x in []: pass", None, None),
    "while": ("n = 0\nwhile n < 5:\n    n += 1", 5, 5),
    "while up to a variable": ("n, end = 3, 9\nwhile n <= end:\n    n += 1", 7, 7),
    "while by more than one": ("n = 0\nwhile n < 50:\n    n += 5", 10, None),
    "while over no whole number": ("x = 0.0\nwhile x < 5:\n    x += 1", 5, None),
    "while that is left early": (
        "n = 0\nwhile n < 50:\n    n += 1\n    if n == 9: break\nn = 777",
        9,
        50,
    ),
    "while down": ("n = 5\nwhile n > 0:\n    n -= 1", 5, None),
    "while true": ("n = 0\nwhile True:\n    n += 1\n    if n == 4: break", 4, None),
    "while false": ("while False: pass", None, None),
    "while with else": ("n = 0\nwhile n < 3:\n    n += 1\nelse:\n    n = -1", 3, 3),
    "while with continue": ("n = 0\nwhile n < 6:\n    n += 1\n    if n % 2: continue", 6, 6),
    "walrus": ("it = iter('abc')\nwhile (c := next(it, None)): pass", 3, None),
    "epochs and batches": ("for e in range(3):\n    for b in [1, 2, 3, 4]: pass", 12, 12),
    "three levels": (
        "for lr in (1, 2):\n    for e in range(3):\n        for b in range(4): opt.step()",
        24,
        24,
    ),
    "a loop inside the step": (
        "for e in range(3):\n    for b in range(5):\n        opt.step()\n"
        "        for p in range(200): pass",
        15,
        15,
    ),
    "batches of a generator": (
        "def batches():\n    yield from range(5)\nfor e in range(3):\n    for b in batches(): pass",
        15,
        15,
    ),
    "training and evaluation": (
        "for e in range(3):\n    for b in range(10): opt.step()\n"
        "    with no_grad():\n        for b in range(40): pass",
        30,
        30,
    ),
    "evaluation in the body": (
        "for e in range(3):\n    for b in range(10): pass\n    for b in range(40):\n"
        "        with no_grad(): pass",
        30,
        30,
    ),
    "a scheduler is no optimizer": (
        "for e in range(3):\n    for b in range(10): pass\n    scheduler.step()",
        30,
        30,
    ),
    "a loop over a few things before": (
        "import time\nfor f in 'ab': pass\nfor e in range(2):\n"
        "    for b in range(20): time.sleep(0.0005)",
        40,
        40,
    ),
    "one training after another": (
        "for b in range(4): opt.step()\nfor b in range(6): opt.step()",
        10,
        10,
    ),
    "early stopping": (
        "for e in range(10):\n    for b in range(5): pass\n    if e == 5: break",
        30,
        50,
    ),
    "stop by number of steps": (
        "for i, b in enumerate(range(100)):\n    if i >= 7: break\n    opt.step()",
        7,
        100,
    ),
    "break after the work": ("for i in range(100):\n    opt.step()\n    if i == 7: break", 8, 100),
    "continue": ("for i in range(5):\n    if i % 2: continue", 5, 5),
    "else": ("for i in range(3): pass\nelse:\n    done = True", 3, 3),
    "break skips else": ("for i in range(3):\n    x = i\n    break\nelse:\n    1 / 0", 1, 3),
    "caught error": (
        "try:\n    for i in range(9):\n        if i == 4: 1 / 0\nexcept ZeroDivisionError: pass",
        4,
        9,
    ),
    "error in an inner loop": (
        "for e in range(3):\n    try:\n        for b in range(5):\n            if b == 2: 1 / 0\n"
        "    except ZeroDivisionError: pass",
        6,
        6,
    ),
    "function": (
        "def train(n):\n    for e in range(n):\n        for b in range(7): pass\ntrain(3)",
        21,
        21,
    ),
    "function that is called in a loop": (
        "def epoch():\n    for b in range(7): pass\nfor e in range(3): epoch()",
        21,
        21,
    ),
    "function for training and for evaluation": (
        "def run(n):\n    for b in range(n): pass\nfor e in range(4):\n    run(10)\n    run(5)",
        60,
        60,
    ),
    "function that returns early": (
        "def find(xs):\n    for x in xs:\n        y = x\n        if x == 3: return x\n"
        "find(range(9))",
        4,
        9,
    ),
    "function with a while": (
        "def train():\n    n = 0\n    while n < 6:\n        n += 1\n    return n\n"
        "assert train() == 6",
        6,
        None,
    ),
    "method": (
        "class Model:\n    def fit(self):\n        for e in range(3): pass\nModel().fit()",
        None,
        None,
    ),
    "nested function": (
        "def outer():\n    def inner():\n        for i in range(3): pass\n    inner()\nouter()",
        None,
        None,
    ),
    "generator function": (
        "def numbers():\n    for i in range(3): yield i\nassert list(numbers()) == [0, 1, 2]",
        None,
        None,
    ),
    "decorated function": (
        "import functools\n@functools.cache\ndef f():\n    for i in range(3): pass\nf()",
        None,
        None,
    ),
    "function handed on": ("def f():\n    for i in range(3): pass\ng = f\ng()\nf()", None, None),
    "lambda that calls": ("def f():\n    for i in range(3): pass\n(lambda: f())()", None, None),
    "recursion": (
        "def walk(n):\n    for i in range(2):\n        if n: walk(n - 1)\n    return n\nwalk(3)",
        None,
        None,
    ),
    "comprehension": ("sum(x for x in range(10))\n[x for x in range(3)]", None, None),
    "tight inner loop": ("for i in range(500):\n    for j in range(3): pass", 500, 500),
    "tight inner while": ("for i in range(500):\n    j = 0\n    while j < 3: j += 1", 500, 500),
    "iterations that differ": ("for n in range(6):\n    for i in range(n): pass", 6, 6),
    "batches not every epoch": (
        "for e in range(6):\n    if e % 2:\n        for b in range(9): pass",
        6,
        6,
    ),
    "shared iterators": ("for b in zip(*[iter(range(12))] * 3): pass", 4, None),
    "an iterator that the body moves on": ("it = iter(range(10))\nfor x in it: next(it)", 5, None),
    "the same, enumerated": ("it = iter(range(10))\nfor i, x in enumerate(it): next(it)", 5, None),
    "enumerate of a growing list": (
        "q = [1]\nfor i, x in enumerate(q):\n    if x < 6: q.append(x + 1)",
        6,
        6,
    ),
    "enumerate of a shrinking list": (
        "q = list(range(10))\nfor i, x in enumerate(q): q.pop()",
        5,
        5,
    ),
    "a return whose value fails and is tried again": (
        "def get(n=[0]):\n    n[0] += 1\n    if n[0] < 5: raise ValueError\n    return n[0]\n"
        "def tries():\n    for attempt in range(9):\n        x = 1\n        try:\n"
        "            return get()\n        except ValueError: pass\nassert tries() == 5",
        5,
        9,
    ),
    "a finally that undoes a break": (
        "for i in range(6):\n    try: break\n    finally: continue",
        None,
        None,
    ),
    "a break beside its step in one block": (
        "for i in range(20):\n    try:\n        opt.step()\n        if i == 7: break\n"
        "    except ValueError: pass",
        8,
        20,
    ),
    "stages one after another at each seed": (
        "for seed in range(2):\n    for b in range(10): opt.step()\n"
        "    for b in range(30): opt.step()",
        80,
        80,
    ),
    "five loops around the step": (
        "for a in range(2):\n  for b in range(2):\n    for c in range(2):\n"
        "      for d in range(2):\n        for e in range(5): opt.step()",
        80,
        80,
    ),
    "silenced in between": (
        "for e in range(300):\n    for i in range(2):\n        for j in range(2): opt.step()",
        300,
        300,
    ),
    "a while of two iterations that counts by twos": ("n = 0\nwhile n < 2: n += 2", 1, None),
    "with": ("import io\nwith io.StringIO() as f:\n    for i in range(3): f.write('x')", 3, 3),
    "if": ("if True:\n    for i in range(3): pass", 3, 3),
    "match": ("match 1:\n    case 1:\n        for i in range(3): pass", 3, 3),
    "break of an outer loop in a while's else": (
        "for e in range(4):\n    n = 0\n    while n < 2: n += 1\n    else:\n        break",
        1,
        4,
    ),
}
STANDINS = (
    "import contextlib, types\nopt = scheduler = types.SimpleNamespace(step=lambda: None)\n"
    "no_grad = contextlib.nullcontext\n"
)


@pytest.mark.parametrize(("cell", "done", "total"), CELLS.values(), ids=CELLS.keys())
def test_what_a_cell_has_done_of_what_it_will_do(cell, done, total):
    notebook = Notebook()
    notebook.run(STANDINS, measured=False)
    count = notebook.count(cell)
    assert (count and count.done, count and count.total) == (done, total)
    assert count is None or (count.unit, count.source) == ("step", "cell loop")


def test_what_an_error_ends_is_done_but_for_the_step_it_ended():
    observer, error = Notebook().run("for i in range(9):\n    if i == 4: 1 / 0")
    assert isinstance(error, ZeroDivisionError)
    count = observer.read().count
    assert (count.done, count.total) == (4, 9)


@pytest.mark.parametrize("unit", ["epoch", "epochs"])
def test_a_unit_that_is_a_loops_variable_chooses_that_loop(unit):
    cell = "for epoch in range(3):\n    for batch in range(40): pass"
    assert counted(cell, unit=unit) == (3, 3)
    assert counted(cell, unit="batch") == (120, 120)


def test_a_planned_total_is_that_of_the_whole_training():
    assert counted("for i in range(5): pass", total=500) == (5, 500)


def test_functions_of_earlier_cells_are_counted_and_left_as_they_were():
    notebook = Notebook()
    notebook.run(
        "def train(n):\n    for e in range(n):\n        for b in range(4): pass\n    return n"
    )
    code = notebook.names["train"].__code__
    during = []
    notebook.names["look"] = lambda: during.append(notebook.names["train"].__code__)
    count = notebook.count("look()\nresult = train(3)")
    assert (count.done, count.total) == (12, 12)
    assert notebook.names["result"] == 3
    assert during[0] is not code, "the second code was in place"
    assert notebook.names["train"].__code__ is code, "and is gone"


def test_a_function_that_a_compiler_might_see_keeps_its_code():
    notebook = Notebook()
    seen = []
    notebook.names["jit"] = lambda function: seen.append(function.__code__.co_consts) or function
    count = notebook.count("def f():\n    for i in range(3): pass\nf = jit(f)\nf()")
    assert count is None
    assert seen == [(None, 3)]


def test_a_function_redefined_by_hand_is_not_taken_for_its_source():
    notebook = Notebook()
    notebook.run("def f():\n    for i in range(3): pass")
    other = Notebook()
    other.run("def f():\n    for i in range(5): pass")
    notebook.names["f"].__code__ = other.names["f"].__code__
    assert notebook.count("f()") is None or notebook.count("f()").done == 5


def test_code_that_outlives_the_cell_goes_on_uncounted():
    notebook = Notebook()
    notebook.run(
        "import threading\nallowed, ended = threading.Event(), threading.Event()\n"
        "def late():\n    for part in range(2):\n        yield part\n"
        "def wait(out):\n    allowed.wait(30)\n    for i in range(3):\n        out.append(i)\n"
        "    n = 0\n    while n < 2: n += 1\n    out.append(n)\n    ended.set()\n"
    )
    out = notebook.names["out"] = []
    threads = []
    notebook.names["start"] = lambda f: (
        threads.append(threading.Thread(target=f)) or threads[0].start()
    )
    code = notebook.names["wait"].__code__
    # Called by name in the cell, so that it has its second code, but from another thread.
    notebook.run("start(lambda: None)\nif False: wait(out)")
    ours = threading.Thread(target=notebook.names["wait"], args=(out,))
    ours.start()
    assert notebook.names["wait"].__code__ is code
    notebook.names["allowed"].set()
    ours.join(30)
    assert out == [0, 1, 2, 2]


def test_loops_of_other_threads_are_not_counted():
    notebook = Notebook()
    notebook.run("def work():\n    for i in range(50): pass")
    notebook.names["in_thread"] = lambda: run_in_thread(notebook.names["work"])
    count = notebook.count("for e in range(2): in_thread()\nif False: work()")
    assert (count.done, count.total) == (2, 2)


def run_in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()


def test_second_code_that_is_pickled_by_value_works_where_we_are_not():
    notebook = Notebook()
    notebook.run(
        "def f():\n    out = []\n    for i in range(3):\n        out.append(i)\n"
        "    while len(out) < 5:\n        out.append('w')\n    return out"
    )
    sent = []
    notebook.names["send"] = lambda: sent.append(cloudpickle.dumps(notebook.names["f"]))
    assert notebook.count("send()\nf()") is not None
    assert b"ocarbon" not in sent[0].replace(b"__ocarbon__", b"")
    assert pickle.loads(sent[0])() == [0, 1, 2, "w", "w"]


def test_functions_that_others_hold_or_compile_keep_their_code():
    notebook = Notebook()
    notebook.run(
        "import functools\ndef helper(n):\n    for i in range(n): pass\n    return n\n"
        "def wrap(f):\n    @functools.wraps(f)\n    def inner(*a): return f(*a)\n    return inner\n"
        "@wrap\ndef compiled(n): return helper(n)\n"
        "class Model:\n    def forward(self, n): return method_helper(n)\n"
        "def method_helper(n):\n    for i in range(n): pass\n"
        "def listed(n):\n    for i in range(n): pass\nheld = [listed]\n"
        "def free(n):\n    for i in range(n): pass\n",
        measured=False,
    )
    names = ("helper", "method_helper", "listed")
    codes = [notebook.names[name].__code__ for name in names]
    during = []
    notebook.names["look"] = lambda: during.extend(notebook.names[n].__code__ for n in names)
    count = notebook.count("look()\nhelper(3); compiled(3)\nmethod_helper(3)\nlisted(3)\nfree(7)")
    assert during == codes
    assert (count.done, count.total) == (7, 7)


def test_what_a_loop_has_left_by_an_error_is_free_at_once():
    notebook = Notebook()
    alive = weakref.WeakSet()

    def make(n=4):
        made = [Tensor() for _ in range(n)]
        alive.update(made)
        return made

    notebook.names.update(make=make, alive=alive)
    _, error = notebook.run(
        "for wrap in (list, tuple, enumerate, lambda made: zip(made, made)):\n"
        "    try:\n        for x in wrap(make()): raise RuntimeError('out of memory')\n"
        "    except RuntimeError: pass\n"
        "    del x\n    assert len(alive) == 0, wrap\n"
    )
    assert error is None, error


def test_many_functions_of_one_cell_are_found_in_one_reading(monkeypatch):
    notebook = Notebook()
    parsed = []
    real = functions._parsed
    monkeypatch.setattr(functions, "_parsed", lambda source: parsed.append(1) or real(source))
    notebook.run("".join(f"def f{i}():\n    for j in range(2): pass\n" for i in range(50)))
    notebook.run("; ".join(f"f{i}()" for i in range(50)))
    assert len(parsed) == 1


def test_a_deep_expression_is_no_trouble():
    notebook = Notebook()
    sum_of_many = " + ".join(["1"] * 900)
    count = notebook.count(f"for i in range(3): x = {sum_of_many}\nprint and (x)")
    assert (count.done, notebook.names["x"]) == (3, 900)


def test_nothing_is_left_behind():
    notebook = Notebook()
    names = set(notebook.names) | {"__builtins__", "i", "f"}
    before = set(vars(builtins))
    notebook.run("def f():\n    for i in range(2): pass\nfor i in range(3): f()")
    assert set(notebook.names) == names
    assert set(vars(builtins)) == before


class Tensor:
    """Something whose end can be seen."""


def test_what_a_loop_lets_go_of_is_free_at_once():
    notebook = Notebook()
    freed = []

    def make(n=3):
        made = [Tensor() for _ in range(n)]
        for tensor in made:
            weakref.finalize(tensor, freed.append, len(freed))
        return made

    notebook.names.update(make=make, freed=freed)
    gc.disable()
    try:
        _, error = notebook.run(
            "for t in make():\n    pass\ndel t\nassert len(freed) == 3, 'at the end'\n"
            "for t in make():\n    x = 1\n    break\ndel t\n"
            "assert len(freed) == 6, 'after a break'\n"
            "def first():\n    for t in make():\n        return 1\n"
            "first()\nassert len(freed) == 9, 'after a return'\n"
        )
    finally:
        gc.enable()
    assert error is None, error


def test_a_generator_is_closed_when_the_loop_leaves_it():
    notebook = Notebook()
    _, error = notebook.run(
        "log = []\ndef numbers():\n    try:\n        yield from range(5)\n"
        "    finally:\n        log.append('closed')\n"
        "for x in numbers():\n    break\nlog.append('after')\n"
        "for i, x in enumerate(numbers()):\n    break\nlog.append('after')\n"
    )
    assert error is None
    assert notebook.names["log"] == ["closed", "after"] * 2


FAILING = {
    "not iterable": "for x in 5: pass",
    "iter raises": (
        "class A:\n    def __iter__(self):\n        raise OSError('no')\nfor x in A(): pass"
    ),
    "iter of a wrong type": (
        "class A:\n    def __iter__(self):\n        return 3\nfor x in A(): pass"
    ),
    "next raises": "def g():\n    yield 1\n    raise OSError('no')\nfor x in g(): pass",
    "the iterable's expression raises": "for x in [1][3]: pass",
    "dict that changes": "d = {1: 2}\nfor k in d: d[k + 1] = 1",
    "unpacking": "for a, b in [1]: pass",
    "body": "for x in [1]:\n    1 / 0",
    "condition": "n = 0\nwhile 1 / n: pass",
    "body of a while": "while True:\n    1 / 0",
    "in a function": "def f():\n    for x in [1]:\n        while True:\n            1 / 0\nf()",
    "else of a while": "while False: pass\nelse: 1 / 0",
}


@pytest.mark.parametrize("cell", FAILING.values(), ids=FAILING.keys())
def test_a_traceback_is_that_of_the_cell_as_written(cell):
    shown = []
    for measured in (False, True):
        _, error = Notebook().run(cell, measured=measured)
        frames = traceback.extract_tb(error.__traceback__)[1:]
        where = [(f.lineno, f.end_lineno, f.colno, f.end_colno, f.name, f.line) for f in frames]
        shown.append((type(error), str(error), where))
    assert shown[0] == shown[1]
