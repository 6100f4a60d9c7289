"""--budget and --stop-at-budget in real kernels: what is told, and how a cell is stopped."""

from __future__ import annotations

import pytest
from test_terminal import execute

G_PER_S = 500.0
"""What a cell emits: 1800 kW at 1000 g/kWh."""

TRACE = "t_s,power_w\n0,1800000\n3600,1800000\n"
BUDGET_G = 100.0
LINE = "of 100 g CO2e emitted (--stop-at-budget)."
FOREVER = "while True:\n    pass"


@pytest.fixture(scope="module")
def first_line(tmp_path_factory):
    """The first line of a cell that reaches its budget after 0.2 s."""
    path = tmp_path_factory.mktemp("power") / "trace.csv"
    path.write_text(TRACE)
    return (
        f"%%carbon --intensity 1000 --devices 'trace:{path}' --interval 0.05 --budget {BUDGET_G:g}"
    )


def stop_of(first_line):
    return f"{first_line} --stop-at-budget"


def assert_stopped(seen):
    """The cell was stopped, at the budget, with one line and no traceback."""
    assert seen.status == "error"
    name, value, traceback = seen.error
    assert name in {"BudgetReached", "CancelledError"}
    assert value.startswith("Stopped at the budget: ")
    assert value.endswith(LINE)
    assert traceback == (value,)
    assert_recorded(seen)


def assert_recorded(seen):
    record = seen.record
    assert record["status"] == "interrupted"
    assert record["emissions_g"] >= BUDGET_G
    assert record["budget_g"] == BUDGET_G
    (told,) = [w for w in record["warnings"] if "budget" in w]
    assert told.startswith("Stopped at the budget: ")
    assert told.endswith(LINE)


STOPPED = {
    "loop": FOREVER,
    "sleep": "import time\ntime.sleep(600)",
    "lock": "import threading\nthreading.Lock().acquire() and threading.Event().wait(600)",
    "function": "def train():\n    while True: sum(range(100))\n\ntrain()",
    "numpy": "import numpy as np\na = np.ones((300, 300))\nwhile True: a = a @ a / 300",
    "subprocess": "import subprocess\nsubprocess.run(['sleep', '600'])",
    "below another magic": "%%time\nwhile True: pass",
    "await": "import asyncio\nawait asyncio.sleep(600)",
    "await in a loop": "import asyncio\nwhile True:\n    await asyncio.sleep(0.01)",
    "await of many": "import asyncio\nawait asyncio.gather(*map(asyncio.sleep, [600] * 3))",
    "no await in an await cell": "import asyncio\nawait asyncio.sleep(0)\nwhile True: pass",
}


@pytest.mark.parametrize("code", STOPPED.values(), ids=STOPPED.keys())
def test_a_cell_is_stopped_at_its_budget(kernel, first_line, code):
    assert_stopped(kernel.run(f"{stop_of(first_line)}\n{code}"))
    assert kernel.run("after = sum(range(10**6))\nafter").status == "ok"


def test_a_budget_alone_only_warns(kernel, first_line):
    seen = kernel.run(f"{first_line}\nimport time\ntime.sleep(0.4)\n'went on'")
    assert seen.status == "ok"
    assert seen.record["status"] == "finished"
    assert seen.record["budget_g"] == BUDGET_G
    assert [w for w in seen.record["warnings"] if "budget" in w] == [
        "The emissions passed the budget of 100 g."
    ]
    assert seen.outputs[-1]["data"]["text/plain"] == "'went on'"


CAUGHT = {
    "except": "try:\n    {}\nexcept KeyboardInterrupt as error:\n    caught = repr(type(error))",
    "bare except": "try:\n    {}\nexcept:\n    caught = 'bare'",
    "await": (
        "import asyncio\ntry:\n    await asyncio.sleep(600)\n"
        "except asyncio.CancelledError as error:\n    caught = str(error)"
    ),
}


@pytest.mark.parametrize("code", CAUGHT.values(), ids=CAUGHT.keys())
def test_code_that_catches_the_interrupt_is_interrupted_once(kernel, first_line, code):
    cell = code.format("while True: pass")
    seen = kernel.run(f"{stop_of(first_line)}\n{cell}\nimport time\ntime.sleep(0.3)\ncaught")
    assert seen.status == "ok"
    assert seen.outputs
    record = seen.record
    assert record["status"] == "finished"
    (told,) = [w for w in record["warnings"] if "budget" in w]
    assert told.endswith("The code caught this and ended by itself.")


def test_a_block_in_a_cell_is_stopped_and_the_cell_may_go_on(kernel, first_line):
    options = first_line.split()
    trace = options[options.index("--devices") + 1]
    kernel.run(
        "import ocarbon_magic as oc, asyncio\n"
        f"block = lambda: oc.measure(devices={trace}, intensity=1000, interval=0.05,\n"
        f"    quiet=True, budget={BUDGET_G}, stop_at_budget=True)"
    )
    for code in (FOREVER.replace("\n", ""), "await asyncio.sleep(600)"):
        seen = kernel.run(f"with block():\n    {code}")
        assert seen.error[0] == "BudgetReached"
        assert seen.error[2] == (seen.error[1],)
        seen = kernel.run(
            f"try:\n    with block() as run:\n        {code}\n"
            "except oc.BudgetReached as stopped:\n    told = str(stopped)\n"
            "await asyncio.sleep(0.01)\ntold == run.warnings[-1]"
        )
        assert seen.outputs[-1]["data"]["text/plain"] == "True"


def test_a_cell_in_a_subshell_is_only_warned(kernel, first_line):
    client = kernel.client
    client.control_channel.send(client.session.msg("create_subshell_request"))
    identity = client.get_control_msg(timeout=30)["content"]["subshell_id"]
    code = f"{stop_of(first_line)} --save beside\nimport time\ntime.sleep(0.4)"
    message = client.session.msg("execute_request", {"code": code, "silent": False})
    message["header"]["subshell_id"] = identity
    client.shell_channel.send(message)
    assert client.get_shell_msg(timeout=30)["content"]["status"] == "ok"
    assert kernel.ask("beside.status") == "finished"
    assert [line for line in kernel.ask("beside.warnings") if "budget" in line] == [
        "--stop-at-budget can only stop code of the main thread, and this runs in another: "
        "passing the budget is told, but stops nothing.",
        "The emissions passed the budget of 100 g.",
    ]


def test_how_the_user_has_errors_shown_is_left_alone(kernel, first_line):
    kernel.run("get_ipython().set_custom_exc((ValueError,), lambda *_, **__: print('mine'))")
    try:
        assert kernel.run(f"{stop_of(first_line)}\nraise ValueError").streams["stdout"] == "mine\n"
        assert_stopped(kernel.run(f"{stop_of(first_line)}\n{FOREVER}"))
        assert kernel.run("raise ValueError").streams["stdout"] == "mine\n"
    finally:
        kernel.run("get_ipython().set_custom_exc((), None)")
    kernel.run(f"{stop_of(first_line)}\npass")
    assert kernel.ask("len(get_ipython().custom_exceptions)") == 0


def test_finally_runs(kernel, first_line):
    cell = "cleaned = False\ntry:\n    while True: pass\nfinally:\n    cleaned = True"
    assert_stopped(kernel.run(f"{stop_of(first_line)}\n{cell}"))
    assert kernel.ask("cleaned") is True


HANDLER = "__import__('signal').getsignal(__import__('signal').SIGINT)"


@pytest.mark.parametrize("options", ["", " --stop-at-budget"])
def test_the_handler_is_put_back_whatever_happens(kernel, first_line, options):
    plain = kernel.run(f"str({HANDLER})").outputs[-1]["data"]["text/plain"]
    for code in ("pass", "1 / 0", "raise KeyboardInterrupt", FOREVER if options else "pass"):
        kernel.run(f"{first_line}{options}\n{code}")
        assert kernel.run(f"str({HANDLER})").outputs[-1]["data"]["text/plain"] == plain


def test_a_handler_of_the_users_gets_the_stop_and_stays(kernel, first_line):
    cell = (
        "import signal\nasked = []\nsignal.signal(signal.SIGINT, lambda *_: asked.append(1))\n"
        "while not asked: pass\nmine = signal.getsignal(signal.SIGINT)"
    )
    seen = kernel.run(f"{stop_of(first_line)}\n{cell}\nprint(len(asked))")
    assert seen.streams["stdout"] == "1\n"
    assert seen.record["status"] == "finished"


def test_a_press_of_the_stop_button_is_what_it_was(kernel, first_line):
    line = stop_of(first_line).replace(f"--budget {BUDGET_G:g}", "--budget 1e9")
    seen = kernel.run(
        f"{line}\nprint('ready', flush=True)\n{FOREVER}",
        on_output=kernel.manager.interrupt_kernel,
    )
    assert seen.error[0] == "KeyboardInterrupt"
    assert len(seen.error[2]) > 1
    assert "ocarbon_magic" not in "".join(seen.error[2]), "no frame of ours is in the traceback"
    assert seen.record["status"] == "interrupted"
    assert [w for w in seen.record["warnings"] if "budget" in w] == []


def test_a_press_of_the_stop_button_cancels_a_coroutine(kernel, first_line):
    line = stop_of(first_line).replace(f"--budget {BUDGET_G:g}", "--budget 1e9")
    seen = kernel.run(
        f"{line}\nimport asyncio\nprint('ready', flush=True)\n"
        "while True:\n    await asyncio.sleep(0.01)",
        on_output=kernel.manager.interrupt_kernel,
    )
    assert seen.error[0] == "CancelledError"
    assert len(seen.error[2]) > 1
    assert seen.record["status"] == "interrupted"


def test_run_all_stops(tmp_path, first_line):
    result, _ = execute(
        tmp_path,
        "%load_ext ocarbon_magic",
        f"{stop_of(first_line)}\n{FOREVER}",
        "open('reached', 'w')",
    )
    assert result.returncode != 0
    assert "Stopped at the budget: " in result.stderr
    assert not (tmp_path / "reached").exists()


def test_stop_at_budget_needs_a_budget(kernel):
    seen = kernel.run("%%carbon --stop-at-budget\nstarted = True")
    assert seen.streams["stderr"].strip() == (
        "UsageError: %%carbon: --stop-at-budget needs a budget: add --budget G, in grams of CO2e."
    )
    assert kernel.ask("'started' in globals()") is False
