#!/usr/bin/env python3
"""Writes Tests/Fixtures/evaluation/golden.json: expected figures from scikit-learn and SciPy.

Needs numpy, scipy and scikit-learn. Run from the root of the repository; the output is the same on every run.
"""

import json
import math
import pathlib

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

CLASSES, IMAGES, BINS = 4, 240, 15

random = np.random.default_rng(20210423)
labels = random.integers(0, CLASSES, IMAGES)
logits = random.normal(0, 1.6, (IMAGES, CLASSES))
logits[np.arange(IMAGES), labels] += 2.5
# One decimal makes ties, which the area under the ROC curve has to count half.
logits = np.round(logits, 1)
probabilities = softmax(logits, axis=1)
predicted = probabilities.argmax(axis=1)

precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, predicted, zero_division=0)
malignancy = 1 - probabilities[:, 0]
confidence = probabilities.max(axis=1)
right = predicted == labels


def expected_calibration_error():
    edges = np.linspace(0, 1, BINS + 1)
    total = 0.0
    for lower, upper in zip(edges[:-1], edges[1:]):
        inside = (confidence > lower) & (confidence <= upper)
        if inside.any():
            total += inside.mean() * abs(confidence[inside].mean() - right[inside].mean())
    return total


def loss(log_temperature):
    return -log_softmax(logits / math.exp(log_temperature), axis=1)[np.arange(IMAGES), labels].mean()


def conformal_thresholds(coverage):
    thresholds = []
    for index in range(CLASSES):
        scores = np.sort(1 - probabilities[labels == index, index])
        rank = math.ceil((len(scores) + 1) * coverage - 1e-9)
        thresholds.append(float(scores[rank - 1]) if rank <= len(scores) else 1.0)
    return thresholds


def kappa_standard_error(counts):
    """Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), equation 13."""
    share = counts / counts.sum()
    rows, columns = share.sum(1), share.sum(0)
    observed, expected = np.trace(share), rows @ columns
    kappa = (observed - expected) / (1 - expected)
    margins = columns[:, None] + rows[None, :]
    same = (np.diag(share) * (1 - np.diag(margins) * (1 - kappa)) ** 2).sum()
    other = (1 - kappa) ** 2 * (share * margins**2 * (1 - np.eye(len(share)))).sum()
    chance = (kappa - expected * (1 - kappa)) ** 2
    return math.sqrt((same + other - chance) / counts.sum()) / (1 - expected)


def logistic_regression(strengths, rows):
    """Probabilities of the first rows, fitted on all of them after standardising."""
    inputs = StandardScaler().fit_transform(logits)
    models = [LogisticRegression(C=c, tol=1e-10, max_iter=5000).fit(inputs, labels) for c in strengths]
    return {
        "inverseRegularizations": strengths,
        "probabilities": [model.predict_proba(inputs[:rows]).tolist() for model in models],
    }


fit = minimize_scalar(loss, bounds=(math.log(0.05), math.log(20)), method="bounded", options={"xatol": 1e-12})
false_positive, true_positive, _ = metrics.roc_curve(labels != 0, malignancy, drop_intermediate=False)
golden = {
    "labels": labels.tolist(),
    "logits": logits.tolist(),
    "probabilities": probabilities.tolist(),
    "confusion": metrics.confusion_matrix(labels, predicted).tolist(),
    "accuracy": metrics.accuracy_score(labels, predicted),
    "macroF1": metrics.f1_score(labels, predicted, average="macro"),
    "precision": precision.tolist(),
    "recall": recall.tolist(),
    "f1": f1.tolist(),
    "support": support.tolist(),
    "malignantSensitivity": float((predicted[labels != 0] != 0).mean()),
    "benignSpecificity": float((predicted[labels == 0] == 0).mean()),
    "auroc": metrics.roc_auc_score(labels != 0, malignancy),
    "oneVersusRest": [metrics.roc_auc_score(labels == k, probabilities[:, k]) for k in range(CLASSES)],
    "rocFalsePositiveRates": false_positive.tolist(),
    "rocTruePositiveRates": true_positive.tolist(),
    "ece15": float(expected_calibration_error()),
    "brier": float(((probabilities - np.eye(CLASSES)[labels]) ** 2).sum(axis=1).mean()),
    "negativeLogLikelihood": metrics.log_loss(labels, probabilities),
    "temperature": math.exp(fit.x),
    "conformalThresholds90": conformal_thresholds(0.9),
    "kappa": metrics.cohen_kappa_score(labels, predicted),
    "kappaStandardError": kappa_standard_error(metrics.confusion_matrix(labels, predicted)),
    "logisticRegression": logistic_regression([0.01, 1.0], 20),
}
target = pathlib.Path("Tests/Fixtures/evaluation/golden.json")
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
