"""A cell under %%carbon is the same cell: everything observable is compared."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

CELLS = {
    "last expression": "a = 20\na + 22",
    "nothing displayed": "a = 1;",
    "semicolon hides": "1 + 1;",
    "display in the middle": "display('one')\nprint('two')\ndisplay('three')\n4",
    "streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)",
    "await": "import asyncio\nawaited = await asyncio.sleep(0, 'slept')\nawaited",
    "async for": (
        "async def count():\n    for i in range(3):\n        yield i\n"
        "total = 0\nasync for i in count():\n    total += i\ntotal"
    ),
    "async with and error": (
        "import asyncio\nasync with asyncio.timeout(5):\n    raise KeyError('inside')"
    ),
    "shell": "!echo from the shell",
    "shell into a name": "words = !echo one two\nwords",
    "line magic": "%env OCARBON_TEST_VARIABLE=1",
    "line magic in a loop": "for i in range(2):\n    %pinfo2 no_such_name_here",
    "line magic result": "where = %pwd\nisinstance(where, str)",
    "unknown line magic": "%no_such_magic",
    "time below": "%%time\nx_time = sum(range(10))\nx_time",
    "timeit below": "%%timeit -n1 -r1\npass",
    "capture below": "%%capture captured\nprint('hidden')\n5",
    "captured": "captured.stdout",
    "bash below": "%%bash\necho in bash",
    "unknown cell magic below": "%%no_such_magic\nx",
    "blank lines, then a magic": "\n\n%%time\n7",
    "future": (
        "from __future__ import annotations\n"
        "def hinted(x: NoSuchName) -> None: ...\nhinted.__annotations__"
    ),
    "future is remembered": "def hinted2(x: NoSuchName) -> None: ...\nhinted2.__annotations__",
    "syntax error": "a = 1\nfor in range(3)",
    "indentation error": "if True:\nprint('x')",
    "return at the top": "a = 1\nreturn a",
    "break at the top": "print('before')\nbreak",
    "error": "def inner(x):\n    return 1 / x\n\nfor n in (1, 0):\n    inner(n)",
    "error in the first line": "undefined_name",
    "error chain": (
        "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise ValueError('two') from e"
    ),
    "exception group": "raise ExceptionGroup('both', [ValueError(1), TypeError(2)])",
    "own exception": "class Own(Exception):\n    pass\nraise Own('mine')",
    "warning": "import warnings\nwarnings.warn('careful', stacklevel=1)",
    "sys.exit": "import sys\nprint('leaving')\nsys.exit(3)",
    "interrupt": "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(30)",
    "interrupted await": (
        "import asyncio, os, signal\nos.kill(os.getpid(), signal.SIGINT)\nawait asyncio.sleep(30)"
    ),
    "del": "gone = 1\nkept = 2\ndel gone",
    "del of what is ours": "import ocarbon_magic\ndel ocarbon_magic",
    "global": "def set_it():\n    global was_set\n    was_set = 'yes'\nset_it()\nwas_set",
    "class and function": (
        "class Point:\n    '''A point.'''\n    def __init__(self, x):\n        self.x = x\n"
        "def make(x=3, *, y=4):\n    return Point(x + y)\nmake().x"
    ),
    "source of a function": (
        "import inspect\ndef shown():\n    return 1\nprint(inspect.getsource(shown))"
    ),
    "line number of a function": "def where_am_i():\n    pass\nwhere_am_i.__code__.co_firstlineno",
    "generator": "def gen():\n    yield from range(3)\nlist(gen())",
    "comprehension and walrus": "[y for x in range(3) if (y := x * 2)], y",
    "docstring first": '"""What this cell is about."""\nb = 3',
    "string first and alone": '"just text"',
    "doc of the module": "__doc__",
    "thread": (
        "import threading\nseen = []\nt = threading.Thread(target=seen.append, args=(1,))\n"
        "t.start()\nt.join()\nseen, threading.active_count() > 0"
    ),
    "thread that prints": (
        "import threading\nt = threading.Thread(target=print, args=('from a thread',))\n"
        "t.start()\nt.join()"
    ),
    "input": "name = input('who? ')\nname.upper()",
    "print redefined": "def print(*words):\n    display(' '.join(words))\nprint('a', 'b')\n1",
    "print given back": "del print\nprint('again')",
    "builtins patched": (
        "import builtins\nold = builtins.print\nbuiltins.print = None\n"
        "try:\n    2\nfinally:\n    builtins.print = old"
    ),
    "load_ext": "%load_ext ocarbon_magic",
    "reload_ext": "%reload_ext ocarbon_magic\nprint('still here')",
    "after reload": "1 + 2",
    "clear_output": (
        "from IPython.display import clear_output\nprint('a')\nclear_output()\nprint('b')"
    ),
    "underscore": "_ + 1 if isinstance(_, int) else _",
    "out": "sorted(Out)[-1] > 0",
    "In": "len(In) > 1",
    "nested run_cell": "get_ipython().run_cell('inner_value = 6')\ninner_value",
    "nested run_cell that fails": "r = get_ipython().run_cell('1/0')\nr.success",
    "nested empty run_cell": "get_ipython().run_cell('')\n8",
    "exec": "exec('made_by_exec = 5')\nmade_by_exec",
    "locals": "'get_ipython' in locals()",
    "main module": "__name__, __import__('__main__').__dict__ is globals()",
    "unicode": "größe = 'ünï'\ngröße",
    "quotes": "x = '''a'b\"c'''\nx",
    "backslash": "x = 1 + \\\n    1\nx",
    "tabs": "if True:\n\tx = 4\nx",
    "comment last": "x = 9\nx  # the end",
    "help": "len?",
    "trailing blank lines": "3\n\n\n",
    "fork": (
        "import os\npid = os.fork()\nif pid == 0:\n    os._exit(7)\n"
        "ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\ndel pid\nended"
    ),
    "recursion error": (
        "def f(n):\n    return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    print('deep')"
    ),
    "decorated": "import functools\n@functools.cache\ndef sq(x):\n    return x * x\nsq(4)",
    "match": "match (1, 2):\n    case (a, b):\n        r = a + b\nr",
    "while else": "i = 0\nwhile i < 3:\n    i += 1\nelse:\n    i = -1\ni",
    "loops in loops": (
        "found = []\nfor a in range(3):\n    for b in [1, 2]:\n        found.append((a, b))\n"
        "    else:\n        found.append('else')\nfound"
    ),
    "error in a loop of a function": (
        "def fails(xs):\n    for x in xs:\n        while True:\n            1 / x\n"
        "            break\n"
        "    return x\nfails((1, 0))"
    ),
    "error in an iterable": (
        "def numbers():\n    yield 1\n    raise OSError('no more')\nfor x in numbers():\n    pass"
    ),
    "error in a condition": "while 1 / 0:\n    pass",
    "nothing to iterate": "for x in 5:\n    pass",
    "error in an __iter__": (
        "class Broken:\n    def __iter__(self):\n        raise KeyError('iter')\n"
        "for x in Broken():\n    pass"
    ),
    "error while unpacking": "for a, b in [(1, 2), (3,)]:\n    pass",
    "a function of an earlier cell": (
        "def earlier(n):\n    for i in range(n):\n        last = i\n    return last"
    ),
    "its call": "earlier(4), earlier.__code__.co_consts, earlier.__code__.co_names",
    "its call with an error": "earlier('4')",
    "its source": "import inspect\nprint(inspect.getsource(earlier))",
    "a function that is defined last": "def defined_last():\n    for i in range(3):\n        pass",
    "await in a loop": (
        "import asyncio\nseen = []\nfor i in range(3):\n"
        "    seen.append(await asyncio.sleep(0, i))\nseen"
    ),
    "await in a condition": (
        "import asyncio\nn = 0\nwhile (await asyncio.sleep(0, n)) < 3:\n    n += 1\nn"
    ),
    "tasks with loops": (
        "import asyncio\nasync def task(n):\n    for i in range(n):\n"
        "        await asyncio.sleep(0)\n"
        "    return n\nawait asyncio.gather(task(2), task(3))"
    ),
    "a generator closed by break": (
        "def held():\n    try:\n        yield from 'abc'\n    finally:\n        print('closed')\n"
        "for c in held():\n    break\nprint('after')"
    ),
    "a loop that interrupts": (
        "import os, signal\nfor i in range(10):\n    if i == 3:\n"
        "        os.kill(os.getpid(), signal.SIGINT)"
    ),
    "magic in a loop": "for i in range(2):\n    %time pass",
    "shell in a loop": "for i in range(2):\n    !echo {i}",
    "names of the built-ins": "[n for n in dir(__builtins__) if 'carbon' in n]",
    "all that is named": "sorted(n for n in globals() if 'carbon' in n)",
    "bare iterator": "it = iter('abc')\nfor c in it:\n    break\nnext(it)",
    "loop variable stays": "for kept_variable in range(3):\n    pass\nkept_variable",
}
FIRST_LINE = "%%carbon --zone FRA --name 'it''s a \"run\"'"
TIMES = re.compile(r"[\d.]+(?:e[+-]?\d+)? ?(?:n|μ|µ|m)?s\b|\b[\d.]+ (?:min|loops?)\b")
FILES = re.compile(r"\S*?\d{4,}\.py|pid=\d+")
STATE = (
    "{k: (type(v).__name__, repr(v) if isinstance(v, (int, str, float, tuple, list)) else '') "
    "for k, v in globals().items() if not k.startswith('_') and k not in ('In', 'Out', 'open')}"
)


def observable(seen):
    """All but what differs between any two kernels: measured times, names of temporary files."""
    streams = {
        name: FILES.sub("<cell>", TIMES.sub("<time>", t)) for name, t in seen.streams.items()
    }
    error = seen.error
    if error is not None:
        error = (error[0], FILES.sub("<cell>", error[1]), error[2])
    return replace(seen, streams=streams, error=error)


@pytest.mark.parametrize("code", CELLS.values(), ids=CELLS.keys())
def test_the_first_line_changes_nothing_but_the_panel(kernel, bare_kernel, code):
    below_magic = code.lstrip().startswith("%%")
    without = "\n" + code if below_magic else f"# {FIRST_LINE}\n{code}"

    plain = bare_kernel.run(without, answer="ada")
    measured = kernel.run(f"{FIRST_LINE}\n{code}", answer="ada")

    assert observable(measured) == observable(plain)
    assert kernel.ask(STATE) == bare_kernel.ask(STATE)
    assert kernel.ask("[sorted(Out), repr(_)]") == bare_kernel.ask("[sorted(Out), repr(_)]")


ABOVE = {
    "time": ("%%time", "x_above = 5\nx_above + 1"),
    "time of one expression": ("%%time", "sum(range(10))"),
    "time of an error": ("%%time", "1 / 0"),
    "time of nothing but a wrong name": ("%%time", "no_such_name"),
    "timeit": ("%%timeit -n1 -r1", "pass"),
    "capture": ("%%capture above", "print('hidden')\n7"),
    "capture and its text": ("", "above.stdout"),
    "prun": ("%%prun -q", "sum(range(3))"),
}


@pytest.mark.parametrize(("above", "code"), ABOVE.values(), ids=ABOVE.keys())
def test_a_magic_above_works_as_it_would_without_the_line_below(kernel, bare_kernel, above, code):
    head = f"{above}\n" if above else ""
    plain = bare_kernel.run(f"{head}{code}")
    measured = kernel.run(f"{head}{FIRST_LINE}\n{code}")

    assert without_traceback(measured) == without_traceback(plain)
    assert kernel.ask(STATE) == bare_kernel.ask(STATE)


def without_traceback(seen):
    """The line numbers of a cell below %%time count from below %%time, with our line in it."""
    seen = observable(seen)
    return replace(seen, error=seen.error and (*seen.error[:2], ()))
