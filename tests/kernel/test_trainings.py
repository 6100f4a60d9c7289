"""Real trainings of every framework under %%carbon, against a count made by hand."""

from __future__ import annotations

import importlib.util
import os

import pytest
from conftest import TABLES, Kernel

PREPARE = """
%load_ext ocarbon_magic
import os, sys, time, warnings, logging
os.environ.update(KERAS_BACKEND="torch", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
warnings.simplefilter("ignore")
import numpy as np
import ocarbon_magic as oc
x = np.random.default_rng(0).normal(size=(640, 8)).astype("float32")
y = x.sum(axis=1, keepdims=True)
hand = {}

def by_hand(total):
    "Begin to count by hand."
    hand.update(steps=0, total=total, first=None)

def note(steps=1):
    "Count what was done since the last note."
    hand["last"] = time.perf_counter()
    hand["steps"] += steps
    if hand["first"] is None:
        hand["first"] = (hand["last"], steps)
"""
TORCH = """
import torch
torch.set_num_threads(1)
data = torch.utils.data.TensorDataset(torch.tensor(x), torch.tensor(y))
loader = torch.utils.data.DataLoader(data, batch_size=32, shuffle=True)
model = torch.nn.Sequential(torch.nn.Linear(8, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
opt = torch.optim.Adam(model.parameters())
lossf = torch.nn.MSELoss()

def step(bx, by):
    opt.zero_grad()
    lossf(model(bx), by).backward()
    opt.step()
"""
KERAS = """
import keras
class Note(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        note()
kmodel = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(64), keras.layers.Dense(1)])
kmodel.compile(optimizer="adam", loss="mse")
"""
TRANSFORMERS = """
from transformers import GPT2Config, GPT2LMHeadModel, Trainer, TrainerCallback, TrainingArguments
from transformers.utils import logging as hf_logging
hf_logging.set_verbosity_error()
class NoteStep(TrainerCallback):
    def on_step_end(self, *_, **__):
        note()
config = GPT2Config(vocab_size=64, n_positions=32, n_embd=32, n_layer=2, n_head=2)
ids = torch.randint(0, 64, (160, 32))
rows = [{"input_ids": row, "labels": row} for row in ids]
def trainer(**options):
    arguments = TrainingArguments(
        output_dir=folder, per_device_train_batch_size=4, num_train_epochs=2, report_to=[],
        save_strategy="no", logging_strategy="no", disable_tqdm=True, use_cpu=True, **options)
    return Trainer(model=GPT2LMHeadModel(config), args=arguments, train_dataset=rows,
                   callbacks=[NoteStep()])
"""
LIGHTNING = """
import logging
import lightning as L
for name in ("lightning.pytorch", "lightning.fabric", "lightning"):
    logging.getLogger(name).setLevel(logging.ERROR)
class Module(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(
            torch.nn.Linear(8, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
    def training_step(self, batch, _):
        return lossf(self.net(batch[0]), batch[1])
    def validation_step(self, batch, _):
        pass
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())
    def on_before_zero_grad(self, _):
        note()
def lightning(**options):
    return L.Trainer(max_epochs=4, logger=False, enable_checkpointing=False, accelerator="cpu",
                     enable_progress_bar=False, enable_model_summary=False, **options)
"""
FASTAI = """
from fastai.basics import Callback, DataLoaders, Learner
import fastai.callback.progress, fastai.callback.schedule
class NoteBatch(Callback):
    def after_batch(self):
        if self.training:
            note()
floader = torch.utils.data.DataLoader(data, batch_size=32)
def learner():
    net = torch.nn.Sequential(torch.nn.Linear(8, 256), torch.nn.ReLU(), torch.nn.Linear(256, 1))
    return Learner(DataLoaders(floader, floader), net, loss_func=torch.nn.MSELoss(),
                   cbs=[NoteBatch()])
"""
SKLEARN = """
from sklearn.neural_network import MLPRegressor
from sklearn.linear_model import SGDRegressor
from sklearn.ensemble import RandomForestRegressor
"""
# What must be installed, what is prepared in a cell before, the cell, and who is to count.
TRAININGS = {
    "numpy, loops": (
        "numpy",
        "w = np.zeros((8, 1), 'float32')",
        (
            "by_hand(600)\n"
            "for epoch in range(30):\n"
            "  for i in range(0, 640, 32):\n"
            "    w -= 1e-3 * x[i:i+32].T @ (x[i:i+32] @ w - y[i:i+32])\n"
            "    time.sleep(0.0003)\n"
            "    note()"
        ),
        "cell loop",
    ),
    "PyTorch, loops": (
        "torch",
        TORCH,
        (
            "by_hand(400)\n"
            "for epoch in range(20):\n"
            "  for bx, by in loader:\n"
            "    step(bx, by)\n"
            "    note()"
        ),
        "cell loop",
    ),
    "PyTorch, function": (
        "torch",
        (
            "def train(epochs):\n"
            "  for epoch in range(epochs):\n"
            "    for bx, by in loader:\n"
            "      step(bx, by)\n"
            "      note()"
        ),
        ("by_hand(400)\ntrain(20)"),
        "cell loop",
    ),
    "PyTorch, accumulation": (
        "torch",
        "",
        (
            "by_hand(100)\n"
            "n = 0\n"
            "while n < 100:\n"
            "  opt.zero_grad()\n"
            "  for bx, by in list(loader)[:4]:\n"
            "    lossf(model(bx), by).backward()\n"
            "  opt.step()\n"
            "  n += 1\n"
            "  note()"
        ),
        "cell loop",
    ),
    "PyTorch, in a class": (
        "torch",
        (
            "class Fit:\n"
            "  def run(self):\n"
            "    for epoch in range(20):\n"
            "      for bx, by in loader:\n"
            "        step(bx, by)\n"
            "        note()"
        ),
        "by_hand(None)\nFit().run()",
        "torch optimizer",
    ),
    "PyTorch, tqdm": (
        "torch",
        "from tqdm.auto import tqdm",
        (
            "by_hand(400)\n"
            "for epoch in tqdm(range(20)):\n"
            "  for bx, by in tqdm(loader, leave=False):\n"
            "    step(bx, by)\n"
            "    note()"
        ),
        "cell loop",
    ),
    "PyTorch, early stop": (
        "torch",
        "",
        (
            "by_hand(400)\n"
            "for epoch in range(20):\n"
            "  for bx, by in loader:\n"
            "    step(bx, by)\n"
            "    note()\n"
            "  if epoch == 11: break"
        ),
        "cell loop",
    ),
    "Keras": (
        "keras",
        KERAS,
        ("by_hand(100)\nkmodel.fit(x, y, batch_size=32, epochs=5, verbose=0, callbacks=[Note()])"),
        "keras",
    ),
    "Keras, folds": (
        "keras",
        "",
        (
            "by_hand(120)\n"
            "for fold in range(3):\n"
            "  kmodel.fit(x, y, batch_size=32, epochs=2, verbose=0, callbacks=[Note()])"
        ),
        "keras",
    ),
    "Transformers": (
        "transformers",
        TRANSFORMERS + "\nready = trainer()",
        ("by_hand(80)\nresult = ready.train()"),
        "transformers",
    ),
    "Transformers, accumulation": (
        "transformers",
        "",
        ("by_hand(20)\nresult = trainer(gradient_accumulation_steps=4).train()"),
        "transformers",
    ),
    "Lightning": (
        "lightning",
        LIGHTNING + "\nready = lightning()",
        ("by_hand(80)\nready.fit(Module(), loader, loader)"),
        "lightning",
    ),
    "Lightning, accumulation": (
        "lightning",
        "",
        ("by_hand(20)\nlightning(accumulate_grad_batches=4).fit(Module(), loader)"),
        "lightning",
    ),
    "fastai": (
        "fastai",
        FASTAI + "\nready = learner()",
        ("by_hand(80)\nwith ready.no_bar(), ready.no_logging():\n  ready.fit_one_cycle(4)"),
        "fastai",
    ),
    "scikit-learn, partial_fit": (
        "sklearn",
        SKLEARN + "\nsgd = SGDRegressor()",
        (
            "by_hand(600)\n"
            "for epoch in range(30):\n"
            "  for i in range(0, 640, 32):\n"
            "    sgd.partial_fit(x[i:i+32], y[i:i+32, 0])\n"
            "    note()"
        ),
        "cell loop",
    ),
    "scikit-learn, MLP.fit": (
        "sklearn",
        (
            "mlp = MLPRegressor(hidden_layer_sizes=(64,), max_iter=40, tol=0,"
            " n_iter_no_change=99, random_state=0)"
        ),
        ("by_hand(40)\nmlp.fit(x, y[:, 0])\nnote(mlp.n_iter_)"),
        "scikit-learn",
    ),
    "by hand, oc.update": (
        "numpy",
        "",
        (
            "by_hand(None)\n"
            "it = iter(range(50))\n"
            "while next(it, None) is not None:\n"
            "  time.sleep(0.002)\n"
            "  oc.update(32)\n"
            "  note(32)"
        ),
        "oc.update",
    ),
    "by hand, oc.track": (
        "numpy",
        "",
        (
            "by_hand(1600)\n"
            "for i in oc.track(range(50), unit='sample', units_per_item=32):\n"
            "  time.sleep(0.002)\n"
            "  note(32)"
        ),
        "oc.track",
    ),
}
UNITS = {"scikit-learn": "epoch", "oc.track": "sample"}


@pytest.fixture(scope="module")
def trainer(tmp_path_factory):
    """A kernel in which trainings are run."""
    kernel = Kernel()
    prepared = kernel.run(PREPARE + f"\nfolder = {str(tmp_path_factory.mktemp('trainer'))!r}")
    assert prepared.error is None, prepared.error
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def table(request):
    """Rows that are shown at the end of the tests."""
    rows: list[str] = []
    yield rows
    request.config.stash.setdefault(TABLES, []).extend(
        ["", "Work counted under %%carbon, beside a count by hand", HEAD, *rows]
    )


def row(training, source, *figures):
    shown = ("-" if f is None else f if isinstance(f, str) else f"{f:.5g}" for f in figures)
    return f"  {training:28} {source:16}" + "".join(f"{figure:>9}" for figure in shown)


HEAD = row("training", "counted by", "done", "by hand", "of", "by hand", "rate /s", "by hand")


@pytest.mark.parametrize("training", TRAININGS)
def test_a_training_is_counted_as_it_would_be_by_hand(trainer, table, training):
    needs, prepare, cell, source = TRAININGS[training]
    if importlib.util.find_spec(needs) is None and not os.environ.get("CI"):
        pytest.skip(f"no {needs}")
    prepared = trainer.run(prepare or "pass")
    assert prepared.error is None, prepared.error
    seen = trainer.run(f"%%carbon --zone FRA\n{cell}")
    assert seen.error is None, seen.error
    work, hand = seen.record["work"], trainer.ask("hand")
    (first_s, first_steps), last_s = hand["first"], hand["last"]
    rate = (hand["steps"] - first_steps) / (last_s - first_s) if last_s > first_s else None
    figures = (work["done"], hand["steps"], work["total"], hand["total"], work["rate_per_s"], rate)
    table.append(row(training, work["source"] or "nobody", *figures))
    assert (work["done"], work["total"]) == (hand["steps"], hand["total"])
    assert work["source"] == source
    assert work["unit"] == UNITS.get(source, "step")
    assert rate is None or work["rate_per_s"] == pytest.approx(rate, rel=0.5)
    told = [w for w in seen.record["warnings"] if "went unseen" not in w]  # of a busy machine
    assert [w for w in told if "count" in w.lower()] == []
    worked = seen.record["series"]["work"]
    assert worked == sorted(worked)
    assert worked[-1] == pytest.approx(work["done"], rel=1e-4)


def test_a_training_that_tells_nothing_says_what_to_do(trainer):
    trainer.run(SKLEARN)
    seen = trainer.run("%%carbon\nRandomForestRegressor(300).fit(x, y[:, 0])\ntime.sleep(2)")
    assert seen.record["work"]["done"] is None
    assert "RandomForestRegressor.fit does not tell its progress" in seen.record["work"]["hint"]


LEFT = """[
    len(sys.modules['torch.optim.optimizer']._global_optimizer_post_hooks),
    [type(f).__name__ for f in sys.meta_path if 'ocarbon' in type(f).__module__],
    [n for n in dir(__import__('builtins')) if 'ocarbon' in n],
    [
        f"{owner.__name__}.{name}"
        for owner in (Trainer, L.Trainer, keras.callbacks.CallbackList, Learner)
        for kind in owner.__mro__
        for name, value in vars(kind).items()
        if 'ocarbon' in type(value).__module__
    ],
    torch.utils._python_dispatch._get_current_dispatch_mode_stack(),
]"""


def test_nothing_is_left_in_the_frameworks_even_after_an_error(trainer):
    for prepare in (TORCH, KERAS, TRANSFORMERS, LIGHTNING, FASTAI):
        trainer.run(prepare)
    ended = trainer.run("%%carbon\nfor bx, by in loader:\n    step(bx, by)\n1 / 0")
    assert ended.error[0] == "ZeroDivisionError"
    assert ended.record["work"]["done"] == 20
    assert trainer.ask(LEFT) == [0, [], [], [], []]


def test_a_framework_imported_by_the_measured_cell_is_counted():
    kernel = Kernel()
    try:
        kernel.run("%load_ext ocarbon_magic")
        seen = kernel.run(
            "%%carbon\nimport torch\np = torch.nn.Parameter(torch.ones(1))\n"
            "def steps(opt):\n    def inner():\n"
            "        for i in range(7):\n            opt.step()\n"
            "    inner()\nsteps(torch.optim.SGD([p]))"
        )
        assert seen.error is None, seen.error
        assert (seen.record["work"]["done"], seen.record["work"]["source"]) == (
            7,
            "torch optimizer",
        )
    finally:
        kernel.close()


def test_a_measured_cell_imports_nothing_of_its_own(kernel):
    seen = kernel.run("%%carbon\nfor i in range(3):\n    pass")
    assert seen.record["work"]["done"] == 3
    heavy = ["torch", "keras", "tqdm", "transformers", "lightning", "sklearn", "numpy"]
    assert kernel.ask(f"[m for m in {heavy} if m in __import__('sys').modules]") == []
