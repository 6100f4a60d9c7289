"""Servers that the tests of this folder ask."""

import pytest
from fake_prometheus import Fake
from prometheus_server import prometheus  # noqa: F401 - a fixture


@pytest.fixture
def fake():
    server = Fake()
    yield server
    server.close()
