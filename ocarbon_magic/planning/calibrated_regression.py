"""Bayesian linear regression on a few observations: ridge regression with a predictive spread.

An observation is described by its effects, a dict from the effect's name to its size, and
every effect has weight one times an unknown that is standard normal beforehand: an effect
of size 0.3 moves the observed by 0.3, give or take, until data says more. Observations
that share a name learn from each other (partial pooling); a name never seen before adds its
whole size to the spread of a prediction.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from ocarbon_magic.run import Projection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Effects = dict[str, float]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regression:
    """The posterior of the effects' weights: normal, with this mean and covariance."""

    columns: Mapping[str, int]
    mean: Array
    covariance: Array

    @classmethod
    def fit(
        cls, effects: Sequence[Effects], observed: Sequence[float], noise_sd: Sequence[float]
    ) -> Self:
        """Return the posterior after observations with independent normal noise.

        Parameters
        ----------
        effects : sequence of dict
            One per observation.
        observed, noise_sd : sequence of float
            Of the same length: what was observed, less what was expected beforehand, and
            the standard deviation of its noise.
        """
        names = {name: None for each in effects for name in each}
        columns = {name: column for column, name in enumerate(names)}
        weights = 1.0 / np.asarray(noise_sd, dtype=np.float64)
        design = np.zeros((len(effects), len(columns)))
        for row, each in enumerate(effects):
            for name, size in each.items():
                design[row, columns[name]] = size * weights[row]
        precision = np.eye(len(columns)) + design.T @ design
        covariance: Array = np.linalg.inv(precision).astype(np.float64)
        mean = covariance @ design.T @ (np.asarray(observed, dtype=np.float64) * weights)
        return cls(columns, mean, covariance)

    def predict(self, effects: Effects) -> tuple[float, float]:
        """Return the mean and the standard deviation for ``effects``, without noise."""
        sizes = np.zeros(len(self.columns))
        unseen = 0.0
        for name, size in effects.items():
            if name in self.columns:
                sizes[self.columns[name]] = size
            else:
                unseen += size**2
        spread = float(sizes @ self.covariance @ sizes) + unseen
        return float(sizes @ self.mean), spread**0.5


def log_normal(middle: float, spread: float, level: float, *, most: float) -> Projection:
    """Return the median and the central interval of what is normal in its logarithm.

    Parameters
    ----------
    middle, spread : float
        Mean and standard deviation of the logarithm.
    level : float
        Coverage of the interval, between 0 and 1.
    most : float
        A bound that it cannot pass.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level must be between 0 and 1, not {level}.")
    half = NormalDist().inv_cdf(0.5 + level / 2.0) * spread
    low, value, high = (min(math.exp(middle + step), most) for step in (-half, 0.0, half))
    return Projection(value, low, high, level)
