"""JupyterLab in one page, for the notebooks of many tests: loading it anew takes seconds."""

from __future__ import annotations

from playwright.sync_api import Error

# JupyterLab has put its launcher where there was nothing, and leaves it there.
OPEN = """(path) => {
    jupyterapp.commands.execute("docmanager:open", { path }).then((opened) => {
        const rest = [...jupyterapp.shell.widgets("main")].filter((widget) => widget !== opened);
        rest.forEach((widget) => widget.dispose());
    });
}"""

# As a page that was just loaded is: no document, no panel to the right, which shows the list of
# runs when it is opened, no message.
CLEAR = """() => {
    const { shell } = jupyterapp;
    [...shell.widgets("main")].forEach((widget) => widget.dispose());
    document.querySelector("#ocarbon-sidebar [data-do=back]")?.click();
    shell.collapseRight();
    document.querySelectorAll(".Toastify__close-button").forEach((button) => button.click());
    // One that was loaded again may be about to open what it showed before.
    const isReloaded = performance.getEntriesByType("navigation")[0].type === "reload";
    return !isReloaded && document.querySelector(".jp-Dialog, .lm-Menu, .jp-Notebook") === null;
}"""


def show(page, server, app, name):
    """Open a notebook: in the JupyterLab that ``page`` shows, or by loading ``app``."""
    if app == "lab" and page.url.startswith(f"{server.url}lab"):
        page.evaluate(OPEN, name)
    else:
        page.goto(server.address(app, name))


class Lab:
    """A page that stays open from test to test, and is replaced once one has spoilt it."""

    def __init__(self, browser):
        self._browser = browser
        self._page = None

    def page(self):
        if self._page is None:
            self._page = self._browser.new_context().new_page()
        return self._page

    def clear(self):
        """Leave nothing of a test that went well."""
        if self._page is None:
            return
        self._page.keyboard.press("Escape")  # a menu
        try:
            clean = self._page.evaluate(CLEAR)
        except Error:  # it shows no JupyterLab
            clean = False
        if not clean:
            self.close()

    def close(self):
        if self._page is not None:
            self._page.context.close()
            self._page = None
