"""scikit-learn: warm starts, single epochs, boosting, and fits that tell nothing."""

import importlib

import numpy as np
import pytest
from fit_cases import Sklearn, answers, ask, data, framework, nothing, watching

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def case(tmp_path):
    made = Sklearn(tmp_path)
    made.make()  # skips the test without the framework
    return made


def hook_of(case):
    hook = case.hook()
    return hook, importlib.import_module(hook.module)


def test_a_warm_start_counts_anew(case):
    with watching(case) as entrance:
        network = case.make(warm_start=True)
        case.train(network, nothing)
        case.train(network, nothing, epochs=1)
    assert answers(entrance) == [(8, 8, False), (4, 4, False)]


def test_single_epochs_by_partial_fit_are_no_passes(case):
    with watching(case) as entrance:
        network = case.make()
        case.train(network, nothing)
        x, y = data()
        for _ in range(3):
            network.partial_fit(x, y.ravel())
            assert answers(entrance) == [(8, 8, False)]


@pytest.mark.parametrize(
    ("module", "kind", "limit"),
    [
        ("sklearn.ensemble", "GradientBoostingRegressor", "n_estimators"),
        ("sklearn.ensemble", "HistGradientBoostingRegressor", "max_iter"),
    ],
)
@pytest.mark.parametrize("warm", [False, True])
def test_boosting_is_counted_by_its_trees(case, module, kind, limit, warm):
    told = []

    class Loss:
        """Asks while the estimator validates its score, which it does in each step."""

        def __call__(self, estimator, x, y):
            one = entrance[-1][1]
            told.append(ask(one))
            return 0.0

    hist = kind.startswith("Hist")
    options = {"scoring": Loss(), "early_stopping": True, "n_iter_no_change": 90} if hist else {}
    x = np.random.default_rng(0).normal(size=(60, 3))
    y = x.sum(axis=1)
    with watching(case) as entrance:
        made = getattr(framework(module), kind)(**{limit: 6}, warm_start=warm, **options)
        fit = {} if hist else {"monitor": lambda *_: told.append(ask(entrance[-1][1]))}
        made.fit(x, y, **fit)
        assert answers(entrance) == [(6, 6, False)]
        assert {0, 1, 5, 6} & {done for done, *_ in told} >= {1, 5, 6}
        assert {(total, is_open) for _, total, is_open in told} == {(6, True)}
        if hist and warm:
            made.set_params(max_iter=9).fit(x, y)
            assert answers(entrance) == [(6, 6, False), (3, 3, False)]
        elif not warm:
            made.fit(x, y, **fit)
            assert answers(entrance) == [(6, 6, False)] * 2


def test_names_the_outermost_of_what_it_cannot_count(case):
    ensemble = framework("sklearn.ensemble")
    pipeline = framework("sklearn.pipeline")
    scaling = framework("sklearn.preprocessing")
    x, y = data()
    hook, module = hook_of(case)
    with_nothing = []
    try:
        hook.install(module, type("Entrance", (), {"enter": with_nothing.append})())
        for _ in range(2):
            ensemble.RandomForestRegressor(3).fit(x, y.ravel())
        pipeline.make_pipeline(scaling.StandardScaler(), ensemble.RandomForestRegressor(3)).fit(
            x, y.ravel()
        )
        case.train(case.make(solver="lbfgs"), nothing)
    finally:
        hook.remove()
    assert hook.uncounted == ["RandomForestRegressor", "Pipeline", "ByHand"]
    assert with_nothing == []


def test_counts_the_fits_within_a_search(case):
    selection = framework("sklearn.model_selection")
    networks = framework("sklearn.neural_network")
    x, y = data()
    with watching(case) as entrance:
        network = networks.MLPRegressor(hidden_layer_sizes=(2,), max_iter=4, random_state=0)
        selection.cross_val_score(network, x, y.ravel(), cv=3)
    assert answers(entrance) == [(4, 4, False)] * 3
