"""The versions of the packages that results depend on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DECISIVE = (
    "torch",
    "transformers",
    "tokenizers",
    "numpy",
    "textattack",
    "OpenAttack",
    "nltk",
    "lemminflect",
    "stanza",
    "sentence-transformers",
    "tensorflow-cpu",
    "spacy",
    "gliner",
    "onnxruntime",
    "openvino",
)
"""What the outcome of an attack depends on, as far as it is installed."""

REQUIRED = (
    "torch",
    "transformers",
    "datasets",
    "textattack",
    "seqeval",
    "sentence-transformers",
    "harper-py",
    "language-tool-python",
    "scipy",
    "snakemake",
)
"""What a run cannot do without."""

PACKAGES = tuple(dict.fromkeys((*REQUIRED, *DECISIVE, "accelerate")))
"""What is recorded of what made a run."""


def package_version(name: str) -> str | None:
    """Return the version of an installed package; None where it is not installed.

    >>> package_version("no-such-package") is None
    True
    """
    try:
        return version(name)
    except PackageNotFoundError:
        return None
