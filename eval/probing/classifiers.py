"""The classifiers of the probe: what each is, which settings are tried, and how it says how sure it is."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.errors import Unavailable

FLOOR = 1e-6  # a smaller probability counts as this one: no classifier is that sure after a few thousand pictures
Params = Mapping[str, Any]


@dataclass(frozen=True)
class Classifier:
    """One column of the table: `make(params, seed)` gives a scikit-learn estimator, `grid` what is tried of it."""

    name: str
    says: str  # one English sentence
    make: Callable[[Params, int], Any] | None = None  # None: it learns from no picture but from the classes' names
    grid: tuple[Params, ...] = ({},)
    package: str = ""  # where it is not scikit-learn

    @property
    def here(self) -> bool:
        """True when its package is installed; nothing is imported."""
        return not self.package or importlib.util.find_spec(self.package) is not None

    def made(self, params: Params, seed: int) -> Any:
        """An estimator to be fitted; Unavailable when its package is not installed, LookupError when it fits none."""
        if self.make is None:
            raise LookupError(f"{self.name} learns from no picture; it compares them with the names of the classes")
        if not self.here:
            raise Unavailable(f"{self.name} is not installed.", f"pip install {self.package}")
        try:
            return self.make(params, seed)
        except ImportError as error:
            raise Unavailable(
                f"{self.name} is installed but broken: {error}.", f"pip install {self.package}"
            ) from error


def _scaled(estimator: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), estimator)


def _majority(params: Params, seed: int) -> Any:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def _neighbours(params: Params, seed: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(weights="distance", algorithm="brute", **params)


def _logistic(params: Params, seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return _scaled(LogisticRegression(max_iter=300, random_state=seed, **params))


def _svm(params: Params, seed: int) -> Any:
    from sklearn.svm import LinearSVC

    return _scaled(LinearSVC(dual=True, max_iter=3000, random_state=seed, **params))


def _sgd(params: Params, seed: int) -> Any:
    from sklearn.linear_model import SGDClassifier

    return _scaled(SGDClassifier(random_state=seed, **params))


def _tree(params: Params, seed: int) -> Any:
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(random_state=seed, **params)


def _forest(params: Params, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(n_estimators=200, random_state=seed, **params)


def _boosting(params: Params, seed: int) -> Any:
    from sklearn.decomposition import PCA
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline

    trees = HistGradientBoostingClassifier(max_leaf_nodes=8, early_stopping=False, random_state=seed, **params)
    return make_pipeline(PCA(0.95, svd_solver="full"), trees)


def _catboost(params: Params, seed: int) -> Any:
    from catboost import CatBoostClassifier
    from sklearn.decomposition import PCA
    from sklearn.pipeline import make_pipeline

    quick = {"verbose": False, "allow_writing_files": False, "thread_count": 1, "border_count": 32}
    return make_pipeline(PCA(0.95, svd_solver="full"), CatBoostClassifier(random_seed=seed, **quick, **params))


def _grid(name: str, *values: Any) -> tuple[Params, ...]:
    return tuple({name: value} for value in values)


MAJORITY = Classifier("majority", "The most frequent class of the training part, whatever the picture.", _majority)
ZERO_SHOT = Classifier("zero-shot", "Cosine of the picture and the category's name; no training picture is looked at.")
ALL = {
    one.name: one
    for one in (
        MAJORITY,
        ZERO_SHOT,
        Classifier("knn", "k nearest neighbours by cosine, nearer ones count more.", _neighbours,
                   _grid("n_neighbors", 1, 3, 5, 10, 20)),
        Classifier("logistic", "Multinomial logistic regression over standardised features: the linear probe.",
                   _logistic, _grid("C", 0.003, 0.03, 0.3, 3.0)),
        Classifier("svm", "Linear support vector machine, one against the rest, over standardised features.",
                   _svm, _grid("C", 0.001, 0.01, 0.1)),
        Classifier("sgd", "Linear classifier with the hinge loss, by stochastic gradient descent.", _sgd,
                   _grid("alpha", 0.00001, 0.0001, 0.001, 0.01)),
        Classifier("tree", "One decision tree.", _tree,
                   _grid("max_depth", 4, 8, 16)),
        Classifier("forest", "Random forest of 200 trees.", _forest, _grid("min_samples_leaf", 1, 3)),
        Classifier("boosting", "Gradient boosted trees over the principal components with 95 % of the variance.",
                   _boosting, ({"max_iter": 30, "learning_rate": 0.2}, {"max_iter": 60, "learning_rate": 0.1})),
        Classifier("catboost", "CatBoost over the principal components with 95 % of the variance.", _catboost,
                   ({"iterations": 100, "depth": 3}, {"iterations": 100, "depth": 5}), "catboost"),
    )
}  # fmt: skip


def named(name: str) -> Classifier:
    """The classifier of that name; LookupError names those there are."""
    if name not in ALL:
        raise LookupError(f"There is no classifier {name!r}; there are {', '.join(ALL)}")
    return ALL[name]


def logits(estimator: Any, features: np.ndarray, classes: int) -> np.ndarray:
    """How strongly each class speaks, float64 (n, classes): log probabilities, or margins where there are none.

    A class that the estimator never saw gets the smallest value of its row. Only differences within a row count; the
    temperature of `eval.probing.scoring` makes them probabilities.
    """
    seen = np.asarray(estimator.classes_, np.int64)
    if hasattr(estimator, "predict_proba"):
        found = np.log(np.maximum(np.asarray(estimator.predict_proba(features), np.float64), FLOOR))
    else:
        found = np.asarray(estimator.decision_function(features), np.float64)
        found = np.column_stack((-found, found)) if found.ndim == 1 else found
    full = np.repeat(found.min(axis=1, keepdims=True), classes, axis=1)
    full[:, seen] = found
    return full
