"""The words of classification: classifiers, metrics and notes that the engine names by codes."""

from __future__ import annotations

from app.language import N_

CLASSIFIERS = {
    "majority": N_("Most frequent"),
    "zero-shot": N_("Zero-shot"),
    "knn": "k-NN",
    "logistic": N_("Logistic"),
    "svm": N_("Linear SVM"),
    "sgd": "SGD",
    "tree": N_("Tree"),
    "forest": N_("Forest"),
    "boosting": N_("Boosting"),
    "catboost": "CatBoost",
}
SAYS = {
    "majority": N_(
        "The most frequent class of the training part, whatever the picture: what any classifier must beat."
    ),
    "zero-shot": N_("Cosine of the picture and the words for the class; no labelled picture is learnt from."),
    "knn": N_("The k nearest training pictures by cosine vote, nearer ones louder."),
    "logistic": N_("Multinomial logistic regression over standardised features: the linear probe."),
    "svm": N_("Linear support vector machine, one class against the rest, over standardised features."),
    "sgd": N_("Linear classifier with the hinge loss, learnt by stochastic gradient descent."),
    "tree": N_("One decision tree."),
    "forest": N_("Random forest of 200 trees."),
    "boosting": N_("Gradient boosted trees over the principal components that hold 95 percent of the variance."),
    "catboost": N_("CatBoost, where it is installed."),
}
METRICS = {
    "F1 macro": "F1 macro",
    "F1 weighted": "F1 weighted",
    "Top-1": "Top-1",
    "Top-3": "Top-3",
    "Cross-entropy": N_("Cross-entropy"),
}
SCOPES = {
    "everything": N_("The whole catalogue"),
    "first class": N_("The likeliest category"),
    "three classes": N_("The three likeliest categories"),
    "true class": N_("The true category (nobody knows it)"),
}
