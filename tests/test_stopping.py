"""Code is ended as by the stop button: at most once, and only while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading

import pytest

from ocarbon_magic import stopping
from ocarbon_magic.running import BlockCode, CellCode
from ocarbon_magic.stopped import BudgetReached
from ocarbon_magic.stopping import Stop

LINE = "Stopped at the budget: 50.1 g of 50 g CO2e emitted (--stop-at-budget)."
NEVER_S = 60


class Answers:
    """Code that runs or does not, as the test says."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def is_running(self, _):
        return self.answers.pop(0)


@pytest.fixture
def stop():
    """A stop of this test's code, which is always running."""
    before = signal.getsignal(signal.SIGINT)
    made = Stop(BlockCode())
    assert made.arm()
    yield made
    made.disarm()
    assert signal.getsignal(signal.SIGINT) is before


def request(made, line=LINE):
    """Ask from another thread, as the sampling thread does, and return what it was told."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(made.request(line)))
    thread.start()
    thread.join()
    return answers[0]


def wait_and_request(made):
    """Ask when the main thread waits."""
    thread = threading.Timer(0.0, made.request, [LINE])
    thread.start()
    threading.Event().wait(NEVER_S)


def test_a_call_that_blocks_is_interrupted_with_the_line(stop):
    with pytest.raises(BudgetReached) as caught:
        wait_and_request(stop)
    assert str(caught.value) == stop.ended_with == LINE
    assert isinstance(caught.value, KeyboardInterrupt)
    assert caught.value._render_traceback_() == [LINE]


def test_code_is_interrupted_once(stop):
    with pytest.raises(BudgetReached):
        wait_and_request(stop)
    assert request(stop, "once more") == LINE
    assert request(stop, "and again") == LINE
    assert stop.disarm() == LINE


def test_what_has_ended_is_not_interrupted(stop):
    assert stop.disarm() is None
    assert request(stop) is None
    assert stop.disarm() is None


def test_what_does_not_run_just_then_is_interrupted_later():
    code = Answers(False, True, False, True, True)
    stop = Stop(code)
    stop.arm()
    try:
        assert request(stop) is None
        assert code.answers == [True, False, True, True], "not even signalled"
        assert request(stop) is None
        assert code.answers == [True, True], "the handler was there, and let it run"
        with pytest.raises(BudgetReached):
            request(stop)
    finally:
        assert stop.disarm() == LINE


def test_an_interrupt_that_comes_late_is_not_felt(stop, monkeypatch):
    """The signal is on its way when the code ends: held back here until that is waited for."""
    held = {signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, held)
    assert request(stop) is None
    assert signal.SIGINT in signal.sigpending()
    monkeypatch.setattr(
        stopping.time, "sleep", lambda _: signal.pthread_sigmask(signal.SIG_UNBLOCK, held)
    )
    assert stop.disarm() is None
    assert signal.SIGINT not in signal.sigpending()


def test_a_press_of_the_stop_button_goes_where_it_went_before(stop):
    with pytest.raises(KeyboardInterrupt) as caught:
        os.kill(os.getpid(), signal.SIGINT)
    assert type(caught.value) is KeyboardInterrupt
    with pytest.raises(BudgetReached):
        wait_and_request(stop)
    with pytest.raises(KeyboardInterrupt) as caught:
        os.kill(os.getpid(), signal.SIGINT)
    assert type(caught.value) is KeyboardInterrupt


@pytest.fixture
def handler():
    """A handler of a script's own, that only notes the signal."""
    pressed = []

    def note(*_):
        pressed.append(1)

    before = signal.signal(signal.SIGINT, note)
    note.pressed = pressed
    yield note
    signal.signal(signal.SIGINT, before)


def test_a_script_that_stops_its_own_way_does_so(handler):
    stop = Stop(BlockCode())
    stop.arm()
    request(stop)
    assert handler.pressed == [1]
    assert stop.disarm() == LINE
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_handler_that_the_code_puts_in_place_gets_the_signal_and_stays(stop):
    pressed = []
    handler = lambda *_: pressed.append(1)  # noqa: E731 - one object, to be found again
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, handler)
    request(stop)
    assert pressed == [1]
    assert stop.disarm() == LINE
    assert signal.getsignal(signal.SIGINT) is handler
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("action", [signal.SIG_DFL, signal.SIG_IGN])
def test_a_process_that_would_die_or_not_notice_is_not_signalled(stop, action):
    armed = signal.signal(signal.SIGINT, action)
    assert request(stop) is None
    assert stop.ended_with is None
    signal.signal(signal.SIGINT, armed)


def test_where_interrupts_were_ignored_only_ours_is_felt():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        stop = Stop(BlockCode())
        stop.arm()
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(BudgetReached):
            wait_and_request(stop)
        stop.disarm()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_inner_stop_lets_the_outer_one_through(stop):
    inner = Stop(BlockCode())
    inner.arm()
    try:
        with pytest.raises(BudgetReached):
            wait_and_request(stop)
    finally:
        assert inner.disarm() is None
    assert stop.ended_with == LINE


def test_only_the_main_thread_can_be_armed():
    armed = []
    thread = threading.Thread(target=lambda: armed.append(Stop(BlockCode()).arm()))
    thread.start()
    thread.join()
    assert armed == [False]


def test_an_outer_stop_that_finds_its_code_between_two_steps_comes_back():
    outer, inner = Stop(Answers(True, False, True, True)), Stop(BlockCode())
    outer.arm()
    inner.arm()
    try:
        request(outer)
        assert outer.ended_with is None
        with pytest.raises(BudgetReached):
            request(outer)
    finally:
        inner.disarm()
        assert outer.disarm() == LINE


def coroutine_stopped(body, code=None):
    """Run ``body(stop)`` as a task, and return what it was stopped with."""

    async def run():
        stop = Stop(code or BlockCode())
        stop.arm()
        try:
            await body(stop)
        except (asyncio.CancelledError, KeyboardInterrupt) as error:
            stop.disarm()
            return stop.reached(error) or error, asyncio.current_task().cancelling()
        finally:
            stop.disarm()
        return None

    # Playwright leaves its loop running in this thread, between the tests that use it.
    elsewhere = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        return asyncio.run(run())
    finally:
        asyncio._set_running_loop(elsewhere)


def test_a_coroutine_that_waits_is_cancelled_and_its_task_goes_on():
    async def body(stop):
        # A task of its own runs when this one waits, and not before.
        asking = asyncio.create_task(asyncio.to_thread(stop.request, LINE))
        await asyncio.sleep(NEVER_S)
        await asking

    error, cancelling = coroutine_stopped(body, Answers())
    assert isinstance(error, BudgetReached)
    assert str(error) == LINE
    assert cancelling == 0


def test_a_coroutine_that_waits_by_the_time_the_signal_comes_is_cancelled():
    async def release():
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    async def body(stop):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        request(stop)
        releasing = asyncio.create_task(release())
        await asyncio.sleep(NEVER_S)
        await releasing

    error, _ = coroutine_stopped(body)
    assert isinstance(error, BudgetReached)


def test_a_coroutine_that_ends_before_it_is_cancelled_is_not():
    async def body(stop):
        asyncio.get_running_loop().call_soon(request, stop)
        await asyncio.sleep(0)  # it is asked for here, and would be cancelled at the next one
        assert stop.disarm() is None
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert coroutine_stopped(body) is None


def test_a_coroutine_that_does_not_wait_is_interrupted_where_it_is():
    async def body(stop):
        wait_and_request(stop)

    error, _ = coroutine_stopped(body)
    assert isinstance(error, BudgetReached)


def test_a_coroutine_cancelled_by_somebody_else_is_cancelled_only():
    async def body(_):
        asyncio.current_task().cancel()
        await asyncio.sleep(0)

    error, cancelling = coroutine_stopped(body)
    assert type(error) is asyncio.CancelledError
    assert cancelling == 1


def running_in(namespace, code, source):
    """Run ``source`` in a namespace and return what ``code`` says of its frames."""
    said = []
    namespace["ask"] = lambda: said.append(code.is_running(sys._getframe()))
    exec(source, namespace)
    return said


def test_a_cell_runs_where_its_frames_are_on_the_stack():
    namespace = {}
    code = CellCode(namespace)
    assert not code.is_running(sys._getframe())
    assert not code.is_running(None)
    assert running_in(namespace, code, "def f():\n    ask()\nask()\nf()") == [True, True]
    assert not code.is_running(sys._getframe())


def test_a_cell_run_by_another_one_is_not_that_one():
    namespace = {"answers": []}

    def run_inner():
        code = CellCode(namespace)
        namespace["answers"].append(code.is_running(sys._getframe()))
        namespace["answers"] += running_in(namespace, code, "ask()")
        namespace["answers"].append(code.is_running(sys._getframe()))

    namespace["run_inner"] = run_inner
    exec("run_inner()", namespace)
    assert namespace["answers"] == [False, True, False]


def test_the_ends_of_a_block_are_not_its_code():
    code, frames = BlockCode(), []

    @contextlib.contextmanager
    def block():
        frames.append(sys._getframe().f_back)
        yield
        frames.append(sys._getframe().f_back)

    with block():
        assert code.is_running(sys._getframe())
    assert [code.is_running(frame) for frame in frames] == [False, False]
