"""Tiny trainings, one class for each framework, that all are told to train in one way.

Each trains for 4 batches an epoch with a validation after each, counts the steps by its own
means, and calls ``each`` with that count after every step. ``stop`` is the step after which
the framework's own means ends the training early.
"""

import functools
import importlib
import os
import threading
from contextlib import contextmanager

import numpy as np
import pytest

BATCHES = 4
SAMPLES = 2 * BATCHES


def framework(name):
    """Import a framework; without it the test is skipped, but not in the continuous check."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    try:
        return importlib.import_module(name)
    except ImportError:
        if os.environ.get("CI"):
            raise
        return pytest.skip(f"no {name}")


def data():
    x = np.random.default_rng(0).normal(size=(SAMPLES, 3)).astype("float32")
    return x, x.sum(axis=1, keepdims=True)


class Case:
    steps_per_epoch = BATCHES
    unit = "step"

    def __init__(self, tmp_path):
        self.folder = str(tmp_path)
        self.steps = 0

    def step(self, each):
        self.steps += 1
        each(self.steps)


class Keras(Case):
    source, label = "keras", "Model.fit"
    watched = ("CallbackList",)

    def hook(self):
        return importlib.import_module("ocarbon_magic.progress.frameworks.keras").KerasFits()

    def make(self):
        keras = framework("keras")
        model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        return model

    def train(self, model, each, epochs=2, stop=None, **options):
        keras = framework("keras")
        case = self

        class ByHand(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                case.step(each)
                self.model.stop_training |= case.steps == stop

        x, y = data()
        options = {"x": x, "y": y, "batch_size": 2, "callbacks": [ByHand()]} | options
        model.fit(epochs=epochs, validation_data=(x, y), verbose=0, **options)


class Transformers(Case):
    source, label = "transformers", "Trainer.train"
    watched = ("Trainer", "CallbackHandler")

    def hook(self):
        return importlib.import_module(
            "ocarbon_magic.progress.frameworks.transformers"
        ).TransformersTrainings()

    def make(self, **options):
        transformers = framework("transformers")
        torch = framework("torch")
        config = transformers.GPT2Config(
            vocab_size=8, n_positions=8, n_embd=8, n_layer=1, n_head=1, use_cache=False
        )
        rows = [{"input_ids": torch.arange(4), "labels": torch.arange(4)}] * SAMPLES
        options = {"num_train_epochs": 2, "eval_strategy": "epoch", "save_strategy": "no"} | options
        arguments = transformers.TrainingArguments(
            self.folder, per_device_train_batch_size=2, report_to=[], disable_tqdm=True,
            use_cpu=True, logging_strategy="no", **options,
        )  # fmt: skip
        model = transformers.GPT2LMHeadModel(config)
        return transformers.Trainer(model, arguments, train_dataset=rows, eval_dataset=rows)

    def train(self, trainer, each, epochs=2, stop=None, **options):
        transformers = framework("transformers")
        case = self

        class ByHand(transformers.TrainerCallback):
            def on_step_end(self, args, state, control, **_):
                case.step(each)
                control.should_training_stop |= case.steps == stop

        trainer.args.num_train_epochs = epochs
        by_hand = ByHand()
        trainer.add_callback(by_hand)
        try:
            trainer.train(**options)
        finally:
            trainer.remove_callback(by_hand)


class Lightning(Case):
    source, label = "lightning", "Trainer.fit"
    watched = ("_FitLoop",)
    package = "lightning.pytorch"

    def hook(self):
        hooks = importlib.import_module("ocarbon_magic.progress.frameworks.lightning")
        return hooks.LightningTrainings(self.package)

    def make(self, **options):
        framework(self.package)
        pl = importlib.import_module(self.package)
        options = {"enable_checkpointing": False, "max_epochs": 2} | options
        return pl.Trainer(
            accelerator="cpu", logger=False, enable_progress_bar=False,
            enable_model_summary=False, default_root_dir=self.folder, **options,
        )  # fmt: skip

    def module(self, each, stop=None, optimizers=None):
        torch = framework("torch")
        pl = importlib.import_module(self.package)
        case = self

        class Module(pl.LightningModule):
            def __init__(self):
                super().__init__()
                self.layer = torch.nn.Linear(3, 1)
                self.automatic_optimization = optimizers is None

            def training_step(self, batch):
                loss = (self.layer(batch[0]) - batch[1]).square().mean()
                if optimizers is None:
                    return loss
                self.manual_backward(loss)
                for optimizer in self.optimizers():
                    optimizer.step()
                return None

            def validation_step(self, batch):
                return self.layer(batch[0]).mean()

            def configure_optimizers(self):
                made = [torch.optim.SGD(self.parameters(), lr=0.01) for _ in range(optimizers or 1)]
                return made if optimizers else made[0]

            def on_train_batch_end(self, *_):
                case.step(each)
                self.trainer.should_stop |= case.steps == stop

        return Module()

    def train(
        self, trainer, each, epochs=2, stop=None, *, optimizers=None, batches=None, **options
    ):
        torch = framework("torch")
        rows = torch.utils.data.TensorDataset(*map(torch.from_numpy, data()))
        loader = torch.utils.data.DataLoader(rows, batch_size=2)
        if trainer.max_steps == -1 and trainer.max_epochs != -1:
            trainer.fit_loop.max_epochs = trainer.current_epoch + epochs
        module = self.module(each, stop, optimizers)
        trainer.fit(module, loader if batches is None else batches, loader, **options)


class PytorchLightning(Lightning):
    package = "pytorch_lightning"


class Fastai(Case):
    source, label = "fastai", "Learner.fit"
    watched = ("Learner", "TrainEvalCallback")

    def hook(self):
        return importlib.import_module("ocarbon_magic.progress.frameworks.fastai").FastaiFits()

    def make(self):
        framework("fastai.learner")
        torch = framework("torch")
        learner = importlib.import_module("fastai.learner")
        loaders = importlib.import_module("fastai.data.core")
        rows = torch.utils.data.TensorDataset(*map(torch.from_numpy, data()))
        return learner.Learner(
            loaders.DataLoaders.from_dsets(rows, rows, bs=2, num_workers=0),
            torch.nn.Linear(3, 1),
            loss_func=torch.nn.functional.mse_loss,
            path=self.folder,
        )

    def train(self, learn, each, epochs=2, stop=None, method="fit", **options):
        learner = framework("fastai.learner")
        core = importlib.import_module("fastai.callback.core")
        case = self

        class ByHand(core.Callback):
            run_valid = False

            def after_batch(self):
                case.step(each)
                if case.steps == stop:
                    raise learner.CancelFitException

        with learn.no_bar() if hasattr(learn, "no_bar") else learn.no_logging():
            getattr(learn, method)(epochs, cbs=[ByHand()], **options)


class Sklearn(Case):
    source, label = "scikit-learn", "ByHand.fit"
    unit = "epoch"
    watched = ("BaseEstimator",)

    def hook(self):
        return importlib.import_module("ocarbon_magic.progress.frameworks.sklearn").SklearnFits()

    def make(self, **options):
        return by_hand_regressor()(hidden_layer_sizes=(2,), random_state=0, **options)

    def train(self, estimator, each, epochs=2, stop=None, **options):
        x, y = data()
        estimator.each = functools.partial(self.step, each)
        estimator.set_params(max_iter=epochs * BATCHES, tol=0.0, n_iter_no_change=100)
        if stop is not None:
            estimator.set_params(tol=1e9, n_iter_no_change=stop - 2)
        estimator.fit(x, y.ravel(), **options)


@functools.cache
def by_hand_regressor():
    networks = framework("sklearn.neural_network")

    class ByHand(networks.MLPRegressor):
        def _update_no_improvement_count(self, *args):
            super()._update_no_improvement_count(*args)
            self.each()

    return ByHand


CASES = [Keras, Transformers, Lightning, PytorchLightning, Fastai, Sklearn]


class Entrance(list):
    """Writes down who enters."""

    def enter(self, site, one):
        self.append((site, one))


def ask(one):
    """Ask a pass from another thread, as the sampling thread does."""
    answers = []
    thread = threading.Thread(
        target=lambda: answers.extend((one.done(), one.total(), one.is_open()))
    )
    thread.start()
    thread.join()
    return tuple(answers)


@contextmanager
def watching(case):
    """Yield where the passes of a case's framework are written down."""
    hook = case.hook()
    entrance = Entrance()
    try:
        hook.install(importlib.import_module(hook.module), entrance)
        yield entrance
    finally:
        hook.remove()


def asking(entrance, told):
    """Return what a training calls after each step: it asks the pass, from outside."""
    return lambda step: told.append((step, *ask(entrance[-1][1])))


def nothing(_):
    pass


def answers(entrance):
    return [ask(one) for _, one in entrance]
