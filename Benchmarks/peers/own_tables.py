"""Tables as people have them: `langevin sample --data FILE --target NAME` and nothing else, beside scikit-learn.

Usage: own_tables.py LANGEVIN FOLDER [TABLE ...]
with the packages scikit-learn, pandas, mlxtend and scikit-lego, which ship the tables. Prints a table in Markdown.

The rows to test on are those that the command keeps. scikit-learn's models come with the usual defaults, inputs and real
targets standardised, text as one column for each name:
  linear  LinearRegression, LogisticRegression
  GP      GaussianProcessRegressor with RBF + white noise, GaussianProcessClassifier with RBF
  MLP     MLPRegressor, MLPClassifier
Where a model predicts a mean only, its law is a normal one about it, as wide as the residuals of a fivefold cross-validation.
The log score is -ln p(target), lower is better; errors are standard errors over the test rows, and that of a difference is
of the differences row by row.
"""
import json
import pathlib
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import sklearn.datasets
from sklearn.compose import ColumnTransformer
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, WhiteKernel
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def bundled(name):
    """A table of scikit-learn in its units, with its target as the column `target`."""
    options = {"scaled": False} if name == "diabetes" else {}
    return getattr(sklearn.datasets, f"load_{name}")(as_frame=True, **options).frame


def cancer():
    frame = bundled("breast_cancer")
    names = sklearn.datasets.load_breast_cancer().target_names
    return frame.assign(target=[names[int(value)] for value in frame["target"]])


def autompg():
    import mlxtend.data
    names = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "year", "origin"]
    inputs, target = mlxtend.data.autompg_data()
    return pd.DataFrame(inputs[:, : len(names)], columns=names).assign(mpg=target)


def boston():
    import mlxtend.data
    names = "crim zn indus chas nox rm age dis rad tax ptratio b lstat".split()
    inputs, target = mlxtend.data.boston_housing_data()
    return pd.DataFrame(inputs, columns=names).assign(medv=target)


def abalone():
    import sklego.datasets
    return sklego.datasets.load_abalone(as_frame=True)


TABLES = {
    "diabetes": (lambda: bundled("diabetes"), "target"),
    "autompg": (autompg, "mpg"),
    "boston": (boston, "medv"),
    "abalone": (abalone, "rings"),
    "breast_cancer": (cancer, "target"),
    "wine": (lambda: bundled("wine"), "target"),
}


def ours(langevin, path, target, run):
    """The verdict, the scores, the rows of the test set and the log score of each."""
    subprocess.run([langevin, "sample", "--data", path, "--target", target, "--out", run, "--force", "--quiet"],
                   check=True, stdout=subprocess.DEVNULL)
    summary = json.loads((run / "summary.json").read_text())
    table = run / "predictions.csv"
    scores = json.loads(subprocess.check_output([langevin, "predict", run, "--json", "--draws", "1000", "--out", table],
                                                stderr=subprocess.DEVNULL))
    predictions = pd.read_csv(table)
    return summary, scores, predictions


def models(is_class):
    if is_class:
        return {"linear": LogisticRegression(), "GP": GaussianProcessClassifier(1.0 * RBF(1.0)), "MLP": MLPClassifier(random_state=0)}
    return {"linear": LinearRegression(), "GP": GaussianProcessRegressor(1.0 * RBF(1.0) + WhiteKernel(1.0), random_state=0),
            "MLP": MLPRegressor(random_state=0)}


def theirs(model, train_x, train_y, test_x, test_y, is_class):
    """-ln p of each test target."""
    text = [name for name in train_x if not pd.api.types.is_numeric_dtype(train_x[name])]
    columns = ColumnTransformer([("names", OneHotEncoder(sparse_output=False, handle_unknown="ignore"), text)],
                                remainder=StandardScaler())
    pipe = make_pipeline(columns, model)
    if is_class:
        pipe.fit(train_x, train_y)
        chosen = pipe.predict_proba(test_x)[np.arange(len(test_y)), np.searchsorted(pipe.classes_, test_y)]
        return -np.log(np.maximum(chosen, 1e-15))
    shift, scale = train_y.mean(), train_y.std()
    scaled = (train_y - shift) / scale
    if isinstance(model, GaussianProcessRegressor):
        mean, width = pipe.fit(train_x, scaled).predict(test_x, return_std=True)
    else:
        width = (scaled - cross_val_predict(pipe, train_x, scaled, cv=5)).std()
        mean = pipe.fit(train_x, scaled).predict(test_x)
    mean, width = mean * scale + shift, width * scale
    return 0.5 * ((test_y - mean) / width) ** 2 + np.log(width) + 0.5 * np.log(2 * np.pi)


def average(values):
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


def main():
    warnings.filterwarnings("ignore")
    langevin, folder, names = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:] or list(TABLES)
    folder.mkdir(parents=True, exist_ok=True)
    print("| table | rows, inputs | verdict, time | log score | best of scikit-learn | difference | RMSE or accuracy | coverage of 90 % or ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in names:
        make, target = TABLES[name]
        frame = make()
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        summary, scores, predictions = ours(langevin, path, target, folder / f"{name}-run")
        is_class = "accuracy" in scores
        test = predictions["row"].to_numpy() - 1
        rest = np.setdiff1d(np.arange(len(frame)), test)
        inputs = frame.drop(columns=target)
        labels = frame[target].to_numpy()
        if is_class:
            labels = labels.astype(str)
            own = -np.log(np.maximum([predictions[f"p_{label}"].iloc[k] for k, label in enumerate(labels[test])], 1e-15))
            quality = f"{scores['accuracy']['value']:.3f} ± {scores['accuracy']['se']:.3f}"
            calibration = f"ECE {scores['ece']:.3f}"
        else:
            labels = labels.astype(float)
            own = -predictions["log_density"].to_numpy()
            found = scores["targets"][0]
            quality = f"{found['rmse']['value']:.3g} ± {found['rmse']['se']:.2g}"
            inside = next(entry for entry in found["intervals"] if entry["level"] == 0.9)["coverage"]
            calibration = f"{inside['value']:.3f} ± {inside['se']:.3f}"
        best = min(((theirs(model, inputs.iloc[rest], labels[rest], inputs.iloc[test], labels[test], is_class), label)
                    for label, model in models(is_class).items()), key=lambda entry: entry[0].mean())
        gap = average(own - best[0])
        print(f"| {name} | {len(frame)}, {inputs.shape[1]} | {summary['verdict']}, {summary['seconds']:.0f} s "
              f"| {average(own)[0]:.3f} ± {average(own)[1]:.3f} | {best[1]} {average(best[0])[0]:.3f} ± {average(best[0])[1]:.3f} "
              f"| {gap[0]:+.3f} ± {gap[1]:.3f} | {quality} | {calibration} |", flush=True)


if __name__ == "__main__":
    main()
