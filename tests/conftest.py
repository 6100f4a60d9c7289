"""What tests of several folders share."""

import os

import pytest
from nvml_standin import Standin, build_standin, forget_nvml, have_compiler
from recorded import Clock, recording


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
