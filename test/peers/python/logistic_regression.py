"""Accuracy of scikit-learn's LogisticRegression with its defaults, on features as raw float32 and labels as raw int32.

Arguments: train.features train.labels test.features test.labels. Prints one number.
"""

import sys

import numpy
from sklearn.linear_model import LogisticRegression

train_x, train_y, test_x, test_y = sys.argv[1:]
labels = {path: numpy.fromfile(path, dtype="<i4") for path in (train_y, test_y)}


def features(path: str, rows: int) -> numpy.ndarray:
    return numpy.fromfile(path, dtype="<f4").reshape(rows, -1)


# More steps than the default of 100, which may stop before the optimum.
model = LogisticRegression(max_iter=2000)
model.fit(features(train_x, len(labels[train_y])), labels[train_y])
print(model.score(features(test_x, len(labels[test_y])), labels[test_y]))
