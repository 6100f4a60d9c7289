"""What the tests of live intensities share."""

import pytest
from loopback import serving


@pytest.fixture
def server():
    """A server on this machine that answers as it is told."""
    with serving() as made:
        yield made


@pytest.fixture
def other():
    """Another one."""
    with serving() as made:
        yield made
