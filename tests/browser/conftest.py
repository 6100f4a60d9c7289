"""A real JupyterLab and Notebook 7 on the loopback, and the system's Chromium before them."""

from __future__ import annotations

import collections
import contextlib
import functools
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import pytest
from labs import Lab
from live import LiveNotebook, notebook_of
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

ROOT = Path(__file__).parents[2]
CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
START_S = 60
STOP_S = 10

# A machine that does much besides takes its time; what is awaited is an event all the same.
expect.set_options(timeout=30_000)

BLANK = "<!doctype html><title>view</title><link rel=stylesheet href=/style/view.css><main></main>"


def pytest_collection_modifyitems(items):
    """Leave aside a deprecation in pytest-base-url, which pytest-playwright brings along."""
    aside = pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(aside)


def missing(what) -> NoReturn:
    """Skip on a developer's machine; fail where nothing may be skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and nothing is skipped with CI set")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = [path for name in CHROMIUM_NAMES if (path := shutil.which(name))]
    if not found:
        missing("no Chromium on PATH")
    as_root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": found[0], "args": as_root}


@pytest.fixture(scope="session")
def front_end(one_builds):
    """The front end, built from the present sources."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    hatch_build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hatch_build)
    built = hatch_build.FrontEnd(ROOT)
    try:
        with one_builds:
            if not (built.sources / "lib").is_dir():  # a source distribution has the bundle alone
                built.stamp.unlink(missing_ok=True)
            built.build()
    except hatch_build.FrontEndError as error:
        missing(str(error))
    return built


class Server:
    """A Jupyter server of its own: nothing of the user's, and no news.

    Without ``labextension`` it is one where ours is not installed; without ``kernels`` it
    has none to offer.
    """

    def __init__(self, home, labextension=None, *, kernels=False):
        self.home = home
        self.kernels = kernels
        self.root = home / "notebooks"
        self.data = home / "data"
        for folder in (self.root, self.data):
            folder.mkdir()
        if labextension is None:
            self.disable("ocarbon-magic")
        else:
            shutil.copytree(labextension, home / "path" / "labextensions" / "ocarbon-magic")
        self.env = {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_DATA_DIR": str(self.data),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTER_PATH": str(home / "path"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        self.set("apputils-extension", "notification", fetchNews="false", checkForUpdates=False)

    def set(self, package, plugin, **settings):
        folder = self.home / "settings" / "@jupyterlab" / package
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{plugin}.jupyterlab-settings").write_text(json.dumps(settings))

    def disable(self, extension):
        """Switch a labextension off, wherever it is installed."""
        folder = self.home / "config" / "labconfig"
        folder.mkdir(parents=True)
        config = {"disabledExtensions": {extension: True}}
        (folder / "page_config.json").write_text(json.dumps(config))

    def put(self, name, notebook, *, trusted):
        """Write a notebook, signed by this server's own key if it is to be trusted."""
        if trusted:
            notary = NotebookNotary(data_dir=str(self.data))
            notary.sign(notebook)
            notary.store.close()
        (self.root / name).write_text(json.dumps(notebook))

    @contextlib.contextmanager
    def running(self):
        command = [
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
            *(f"--ServerApp.root_dir={self.root}", "--IdentityProvider.token=test"),
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
            *([] if self.kernels else ["--KernelSpecManager.allowed_kernelspecs=none"]),
        ]
        with (self.home / "log").open("w") as log:
            process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield self
        finally:
            self._end(process)

    def _end(self, process):
        if self.kernels:  # it ends them, and then may wait for good for a thread of its own
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=STOP_S)
        process.kill()
        process.wait()

    def _wait(self, process):
        end = time.monotonic() + START_S
        while time.monotonic() < end and process.poll() is None:
            for note in (self.home / "runtime").glob("jpserver-*.json"):
                with contextlib.suppress(OSError, ValueError):  # the note may be half written
                    self.url = json.loads(note.read_text())["url"]
                    urllib.request.urlopen(f"{self.url}api/status?token=test", timeout=5)
                    return
            time.sleep(0.1)
        pytest.fail(f"the Jupyter server did not start:\n{(self.home / 'log').read_text()[-2000:]}")

    def address(self, app, name):
        """Where ``name`` opens in ``app``, lab or notebooks."""
        path = f"lab/tree/{name}" if app == "lab" else f"notebooks/{name}"
        return f"{self.url}{path}?reset&token=test"


@pytest.fixture(scope="session")
def server(front_end, tmp_path_factory):
    with Server(tmp_path_factory.mktemp("jupyter"), front_end.labextension).running() as running:
        yield running


@pytest.fixture(scope="session")
def bare_server(tmp_path_factory):
    """One where our labextension is not installed."""
    with Server(tmp_path_factory.mktemp("bare")).running() as running:
        yield running


@pytest.fixture
def complaints(page):
    """What the console says of us, and whatever goes wrong in code of ours.

    JupyterLab also tells there how long our parts took, which on a busy machine is long.
    """
    heard = []

    def hear_line(said):
        heard.append(f"{said.type}: {said.text} {said.location}")

    def hear_error(error):
        heard.append(f"{error.message} {error.stack}")

    page.on("console", hear_line)
    page.on("pageerror", hear_error)
    yield lambda: [line for line in heard if "ocarbon" in line and "ms to activate" not in line]
    page.remove_listener("console", hear_line)
    page.remove_listener("pageerror", hear_error)


def parameter(request, name):
    """What the test is given under that name, if anything."""
    return request.node.callspec.params.get(name) if hasattr(request.node, "callspec") else None


@pytest.fixture(scope="module")
def labs(browser):
    """One JupyterLab for the tests of a file, or one for each kind of server."""
    made = collections.defaultdict(lambda: Lab(browser))
    yield made
    for each in made.values():
        each.close()


@pytest.fixture
def lab(labs, request):
    """The JupyterLab for this test, which may spoil it and then close it."""
    return labs[parameter(request, "kind") or "extension"]


@pytest.fixture
def lab_page(lab, request):
    """That JupyterLab with nothing open in it; a new one after a test that failed."""
    failed = request.session.testsfailed
    yield lab.page()
    if request.session.testsfailed > failed:
        lab.close()
    else:
        lab.clear()


@pytest.fixture
def app_page(request):
    """The page of the app of this test: Notebook loads itself for each notebook anyway."""
    if parameter(request, "app") == "notebooks":
        return request.getfixturevalue("context").new_page()
    return request.getfixturevalue("lab_page")


class Modules(SimpleHTTPRequestHandler):
    """Serves the view's own modules, as the compiler left them, and a blank page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path != "/":
            return super().do_GET()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(BLANK)))
        self.end_headers()
        return self.wfile.write(BLANK.encode())

    def end_headers(self):
        self.send_header("Cache-Control", "max-age=3600")  # no other build is ever served here
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def blank_page(front_end):
    """The address of a blank page with the view's modules beside it."""
    handler = functools.partial(Modules, directory=front_end.sources)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}/"
        served.shutdown()


@contextlib.contextmanager
def blank(page, address):
    """Go to the blank page; whatever the modules raise there fails the test."""
    raised = []

    def hear(error):
        raised.append(str(error))

    page.on("pageerror", hear)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(forced_colors="null")
    page.goto(address)
    yield page
    page.remove_listener("pageerror", hear)
    assert raised == []


@pytest.fixture(scope="module")
def one_page(browser):
    """One page for the tests of a file that leave it as it was: opening one takes longer."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def view(one_page, blank_page):
    """A blank page, from which the modules can be imported."""
    with blank(one_page, blank_page) as page:
        yield page


@pytest.fixture
def own_view(page, blank_page):
    """The same in a page of its own, for those who set its clock."""
    with blank(page, blank_page) as own:
        yield own


@pytest.fixture(scope="session")
def live_servers(front_end, tmp_path_factory):
    """A server with our labextension, and one with anywidget's alone."""
    with contextlib.ExitStack() as running:
        made = {
            name: Server(tmp_path_factory.mktemp(name), extension, kernels=True)
            for name, extension in (("extension", front_end.labextension), ("widget", None))
        }
        yield {name: running.enter_context(server.running()) for name, server in made.items()}


@pytest.fixture
def notebook(page, live_servers):
    """Open a notebook with cells to run, in an app of a server."""
    served = []

    def make(kind, app, *cells):
        server = live_servers[kind]
        (server.root / "enough").unlink(missing_ok=True)
        server.put("live.ipynb", notebook_of(*cells), trusted=True)
        served.append(server)
        return LiveNotebook(page, server, app, "live.ipynb")

    yield make
    for server in served:
        (server.root / "enough").touch()
        page.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")
