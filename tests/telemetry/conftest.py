"""What the tests of this folder share."""

import pytest
from prometheus_server import prometheus  # noqa: F401 - a fixture

from ocarbon_magic.telemetry.board import board


@pytest.fixture(autouse=True)
def _empty_board():
    """No test sees another's runs."""
    board.forget()
    yield
    board.forget()
