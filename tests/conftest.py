"""What tests of several folders share."""

import itertools
import os
import signal
import sys

import pytest
from filelock import FileLock
from nvml_standin import Standin, build_standin, forget_nvml, have_compiler
from recorded import Clock, recording

_homes = itertools.count()


def pytest_configure():
    """Hear Ctrl-C, here and in what tests start: who runs us in the background may ignore it."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """The folder of all homes that the tests keep runs in."""
    return tmp_path_factory.mktemp("homes")


def _in_a_home_of_its_own(homes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OCARBON_HOME", str(homes / str(next(_homes))))
        yield


# Each test keeps its runs in a home of its own, and so do the kernels and servers that a
# module or the whole session shares: nobody's journal is touched, and no test sees another's.
_home_of_session = pytest.fixture(_in_a_home_of_its_own, scope="session", autouse=True)
_home_of_module = pytest.fixture(_in_a_home_of_its_own, scope="module", autouse=True)
_home_of_test = pytest.fixture(_in_a_home_of_its_own, autouse=True)


@pytest.fixture(autouse=True)
def _of_no_other_test():
    """Runs that are in no journal are of the process: forget those of the tests before."""
    history = sys.modules.get("ocarbon_magic.history")
    if history is not None:
        history._finished.clear()


@pytest.fixture(scope="session")
def one_builds(tmp_path_factory):
    """Held by the one process, of those that run the tests, that builds in the source tree."""
    return FileLock(tmp_path_factory.getbasetemp().parent / "front-end.lock")


@pytest.fixture(scope="session")
def standin_library(tmp_path_factory):
    """Path of the compiled stand-in for libnvidia-ml.so.1, for subprocesses."""
    if not have_compiler() and not os.environ.get("CI"):
        pytest.skip("no C compiler to build the stand-in for NVML with")
    return build_standin(tmp_path_factory.mktemp("nvml"))


@pytest.fixture(scope="session")
def loaded_standin(standin_library):
    return Standin(standin_library)


@pytest.fixture
def standin(loaded_standin):
    """The stand-in in this process; afterwards there is no NVIDIA library again."""
    forget_nvml()
    yield loaded_standin
    loaded_standin.configure("error init 12")
    forget_nvml()


@pytest.fixture
def clock():
    """A clock that moves when told."""
    return Clock()


@pytest.fixture
def record(monkeypatch, clock):
    """Record a run on that clock, with meters of the test's."""
    return recording(monkeypatch, clock)
