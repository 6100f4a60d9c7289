"""One page for the what-if modules."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def modules(browser, blank_page):
    """One page for all: the functions keep nothing."""
    page = browser.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"a module raised: {error}"))
    page.goto(blank_page)
    yield page
    page.close()
