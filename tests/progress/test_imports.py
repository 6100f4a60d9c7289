"""Being told of an import, without importing."""

from __future__ import annotations

import importlib
import sys
import threading

import pytest

from ocarbon_magic.progress.frameworks.imports import ImportWatch

NAME = "watched_for_a_test"


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / f"{NAME}.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, NAME, raising=False)
    yield tmp_path / f"{NAME}.py"
    sys.modules.pop(NAME, None)


@pytest.fixture
def told():
    return []


@pytest.fixture
def watch(told):
    watching = ImportWatch({NAME: told.append})
    yield watching
    watching.stop()


def test_a_module_that_is_there_is_told_of_at_once(module, watch, told):
    there = importlib.import_module(NAME)
    watch.start()
    assert told == [there]
    assert watch not in sys.meta_path


def test_a_module_is_told_of_once_it_is_whole(module, watch, told):
    watch.start()
    assert told == []
    assert NAME not in sys.modules
    there = importlib.import_module(NAME)
    assert told == [there]
    assert there.value == 1
    assert "exec_module" not in vars(there.__loader__), "nothing of ours stays"
    importlib.reload(there)
    assert told == [there]


def test_after_stop_nothing_is_told(module, watch, told):
    watch.start()
    watch.stop()
    importlib.import_module(NAME)
    assert told == []
    assert watch not in sys.meta_path


def test_a_module_that_fails_fails_as_it_would(module, watch, told):
    module.write_text("raise OSError('broken')\n")
    watch.start()
    with pytest.raises(OSError, match="broken"):
        importlib.import_module(NAME)
    assert told == []


def test_a_module_that_is_not_there_is_not_found(watch, told):
    watch.start()
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module(NAME)


def test_what_the_watcher_raises_does_not_reach_the_import(module):
    def fail(_module):
        raise RuntimeError

    watching = ImportWatch({NAME: fail})
    watching.start()
    assert importlib.import_module(NAME).value == 1
    watching.stop()


def test_two_watches_are_both_told(module, told):
    watches = [ImportWatch({NAME: told.append}) for _ in range(2)]
    for watching in watches:
        watching.start()
    there = importlib.import_module(NAME)
    assert told == [there, there]
    for watching in watches:
        watching.stop()


def test_a_module_that_another_thread_is_importing_is_told_of_later(module, told):
    module.write_text("import gate\ngate.inside.set()\ngate.go_on.wait(30)\nvalue = 1\n")
    gate = sys.modules["gate"] = type(sys)("gate")
    gate.inside, gate.go_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=importlib.import_module, args=(NAME,))
    thread.start()
    gate.inside.wait(30)
    watching = ImportWatch({NAME: told.append})
    watching.start()
    assert told == []
    gate.go_on.set()
    thread.join()
    watching.look()
    assert told == [sys.modules[NAME]]
    watching.stop()
    del sys.modules["gate"]
