"""Take the pictures that README.md shows, of a real JupyterLab: `make pictures`.

A small network is trained under ``%%carbon`` while the page is photographed: one moving picture,
the live panel at three widths, and JupyterLab with its sidebar; each in light and dark.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from shutil import which

sys.path.append(str(Path(__file__).parents[2]))

from conftest import CHROMIUM_NAMES, ROOT, Server
from live import LiveNotebook, notebook_of
from PIL import Image
from playwright.sync_api import sync_playwright

from hatch_build import FrontEnd

IMAGES = ROOT / "notebooks" / "images"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = (400, 760, 1200)
PREPARE = """\
%load_ext ocarbon_magic
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32)[:, None] / 16
labels = torch.tensor(digits.target)
loader = DataLoader(TensorDataset(images, labels), batch_size=64, shuffle=True)
layers = torch.nn
model = layers.Sequential(
    layers.Conv2d(1, 64, 3, padding=1), layers.ReLU(),
    layers.Conv2d(64, 128, 3, padding=1), layers.ReLU(), layers.MaxPool2d(2),
    layers.Flatten(), layers.Linear(128 * 16, 10),
)
optimizer = torch.optim.Adam(model.parameters())

def train_step(batch):
    x, y = batch
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()

def right():
    with torch.no_grad():
        return (model(images).argmax(1) == labels).double().mean().item()
"""
TRAIN = """\
%%carbon --zone FRA --metric accuracy{options}
# digits
for epoch in range({epochs}):
    for batch in loader:
        train_step(batch)
accuracy = right()"""
BUDGETED = " --budget 0.013"
LINEAR = """\
%%carbon --zone FRA --name linear --metric score
from sklearn.linear_model import SGDClassifier
linear = SGDClassifier(loss="log_loss")
for epoch in range(150):
    linear.partial_fit(digits.data / 16, digits.target, classes=range(10))
score = linear.score(digits.data / 16, digits.target)"""
FRAME_S = 1.0
SHOWN_MS = 350
LAST_MS = 4_000
FRAMES = 90


class Studio:
    """A JupyterLab in a browser, in which one notebook is open in one theme."""

    def __init__(self, page, server, theme, cells, size):
        self.page = page
        page.set_viewport_size({"width": size[0], "height": size[1]})
        name = f"training-{theme}.ipynb"
        server.put(name, notebook_of(*cells), trusted=True)
        self.notebook = LiveNotebook(page, server, "lab", name)
        self.notebook.has_kernel()
        page.evaluate(
            "(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })",
            THEMES[theme],
        )
        page.evaluate("() => jupyterapp.shell.collapseLeft()")
        page.wait_for_function(
            "(theme) => document.body.dataset.jpThemeName === theme",
            arg=THEMES[theme],
            timeout=60_000,
        )

    def begin(self):
        """Run all cells, and wait until the last panel projects its end."""
        self.notebook.run()
        self.panel.get_by_text("Projected at the end").wait_for(timeout=120_000)

    @property
    def panel(self):
        return self.notebook.panel.last

    def widen(self, width):
        """Make the window so wide that the panel has that width."""
        for _ in range(3):  # where the window is narrow, JupyterLab leaves other margins
            size = self.page.viewport_size
            missing = width - round(self.panel.bounding_box()["width"])
            self.page.set_viewport_size({**size, "width": size["width"] + missing})
            self.page.wait_for_timeout(1000)

    def end(self):
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:interrupt-kernel')")
        self.panel.locator(".ocarbon-status", has_text="interrupted").wait_for(timeout=60_000)


def moving(page, server, theme):
    """The training cell from its first second to its record."""
    cells = (PREPARE, TRAIN.format(epochs=120, options=""))
    studio = Studio(page, server, theme, cells, (900, 1100))
    studio.notebook.run()
    studio.panel.wait_for(timeout=120_000)
    cell = page.locator(".jp-Cell").last
    frames = []
    while len(frames) < FRAMES:
        cell.scroll_into_view_if_needed()
        page.evaluate("() => document.querySelectorAll('.jp-Cell')[1].scrollIntoView()")
        frames.append(Image.open(io.BytesIO(cell.screenshot())).convert("RGB"))
        if "finished" in studio.notebook.status.last.inner_text():
            break
        page.wait_for_timeout(1000 * FRAME_S)
    frames.append(Image.open(io.BytesIO(cell.screenshot())).convert("RGB"))
    write_moving(frames, IMAGES / f"moving-{theme}.gif")


def write_moving(frames, path):
    """Write a GIF of one palette, so that what stands still packs to nothing."""
    height = max(frame.height for frame in frames)
    ground = frames[0].getpixel((2, frames[0].height - 2))
    whole = []
    for frame in frames:
        canvas = Image.new("RGB", (frame.width, height), ground)
        canvas.paste(frame)
        whole.append(canvas)
    palette = whole[-2].quantize(96)
    drawn = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in whole]
    times_ms = [SHOWN_MS] * (len(drawn) - 1) + [LAST_MS]
    drawn[0].save(path, save_all=True, append_images=drawn[1:], duration=times_ms, loop=0)


def live(page, server, theme):
    """The panel of a training that goes on, at three widths."""
    cells = (PREPARE, TRAIN.format(epochs=300, options=BUDGETED))
    studio = Studio(page, server, theme, cells, (1400, 1500))
    studio.begin()
    page.wait_for_timeout(25_000)
    zone = studio.panel.get_by_label("Zone")
    zone.focus()  # which fills it
    zone.select_option(label="Sweden")
    zone.blur()
    for width in WIDTHS:
        studio.widen(width)
        studio.panel.screenshot(path=IMAGES / f"live-{theme}-{width}.png")
    studio.end()


def lab(page, server, theme):
    """JupyterLab with the sidebar open, a finished run and one that goes on."""
    cells = (PREPARE, LINEAR, TRAIN.format(epochs=300, options=""))
    studio = Studio(page, server, theme, cells, (1360, 860))
    studio.begin()
    page.evaluate("() => jupyterapp.commands.execute('ocarbon:show-panel')")
    page.locator("#ocarbon-sidebar [data-do=back]").click()  # to the list of runs
    page.evaluate("() => document.querySelectorAll('.jp-Cell')[1].scrollIntoView()")
    page.wait_for_timeout(6_000)
    page.screenshot(path=IMAGES / f"lab-{theme}.png")
    studio.end()


PICTURES = {"moving": moving, "live": live, "lab": lab}


def main():
    """Take the pictures named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="tests/browser/pictures.py", description=__doc__)
    parser.add_argument("pictures", nargs="*", choices=[*PICTURES, []], help="default: all")
    chosen = parser.parse_args().pictures or PICTURES
    built = FrontEnd(ROOT)
    built.build()
    chromium = next(path for name in CHROMIUM_NAMES if (path := which(name)))
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with Server(Path(home), built.labextension, kernels=True).running() as server:
            for name in chosen:
                for theme in THEMES:
                    context = browser.new_context(device_scale_factor=1 if name != "live" else 1.5)
                    PICTURES[name](context.new_page(), server, theme)
                    context.close()
                    print(f"{name} {theme}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
