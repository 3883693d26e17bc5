"""The card of a model: what it was trained on, how well it tags, and how it stands up to attacks.

Its metadata are those of the Hugging Face hub, made by `huggingface_hub`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from seqattack import __version__
from seqattack.errors import RecordError
from seqattack.files.artefacts import artefacts
from seqattack.models.training_report import read_report
from seqattack.report.record_tables import MeasuredAttack, attack_tables
from seqattack.report.tables import to_markdown
from seqattack.victim.victim import Victim

EMBEDDED_BASE = "sentence-transformers/all-MiniLM-L6-v2"
"""The repository of the embedded model on the hub."""

MEASURED = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a model's own files do not say of it.

    Args:
        name: The model's name.
        dataset: The corpus that it was trained and tested on: its name on the hub, or any other.
        language: Code of the corpus's language, such as ``en``.
        license: Of the model; without one that of the pretrained model, where it is known.
    """

    name: str
    dataset: str | None = None
    language: str | None = None
    license: str | None = None


def model_card(
    folder: Path, victim: Victim, attacks: Sequence[MeasuredAttack], facts: CardFacts
) -> str:
    """Return the card of a model as Markdown with the hub's metadata before it.

    Args:
        folder: The model's; what `seqattack train` wrote there of the training is told.
        victim: The model.
        attacks: On this model; none where it was not attacked.
        facts: What else is known.

    Raises:
        RecordError: An attack is on another model; the message names it.
    """
    for attack in attacks:
        found = attack.summary.victim_id
        if found not in (None, victim.id):
            raise RecordError(
                f"{attack.label}: its records are of the model {found}, but {folder} is "
                f"{victim.id}; give records of attacks on this model."
            )
    training = read_report(folder)
    data = _metadata(training, facts)
    parts = [
        f"# {facts.name}",
        _about(victim, training),
        *_test(training, facts),
        *_robustness(attacks),
        *_training(training),
    ]
    return f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(parts) + "\n"


def base_model(training: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the pretrained model's name on the hub, and its licence; None for what is not known.

    >>> base_model({"pretrained": {"embedded": "minilm"}})
    ('sentence-transformers/all-MiniLM-L6-v2', 'apache-2.0')
    """
    origin = training.get("pretrained", {})
    known = {each.repository: each for each in artefacts().values() if each.kind == "model"}
    if "embedded" in origin:
        return EMBEDDED_BASE, _license(artefacts()[origin["embedded"]].licence)
    name = origin.get("name")
    found = next((known[each] for each in known if name and name in (each, Path(each).name)), None)
    return (found.repository, _license(found.licence)) if found else (name, None)


def _license(said: str) -> str | None:
    match = re.match(r"(apache-2\.0|mit|bsd-3-clause|cc-by(?:-sa|-nc)?-\d\.\d)\b", said.lower())
    return match[1] if match else None


def _metadata(training: Mapping[str, Any], facts: CardFacts) -> ModelCardData:
    base, license = base_model(training)
    dataset, test = facts.dataset, training.get("test")
    results = [
        EvalResult(
            task_type="token-classification",
            dataset_type=dataset,
            dataset_name=dataset,
            dataset_split="test",
            metric_type=name,
            metric_value=test[name],
        )
        for name in MEASURED
        if dataset and test
    ]
    on_hub = [dataset] if dataset and re.fullmatch(r"[\w.-]+(/[\w.-]+)?", dataset) else None
    return ModelCardData(
        language=facts.language,
        license=facts.license or license,
        base_model=base,
        datasets=on_hub,
        library_name="transformers",
        pipeline_tag="token-classification",
        tags=["named-entity-recognition", "adversarial-robustness"],
        model_name=facts.name if results else None,
        eval_results=results or None,
    )


def _about(victim: Victim, training: Mapping[str, Any]) -> str:
    classes = dict.fromkeys(tag[2:] for tag in victim.labels if tag != "O")
    base = base_model(training)[0]
    origin = f" It was fine-tuned from [{base}](https://huggingface.co/{base})." if base else ""
    return (
        f"A model that finds named entities of the classes {', '.join(classes)}, as IOB2 tags of "
        f"tokens.{origin} This card was made by SeqAttack, rebuilt, {__version__}; the model is "
        f"`{victim.id}` in its records."
    )


def _test(training: Mapping[str, Any], facts: CardFacts) -> Iterator[str]:
    """Yield the metrics on the test set, overall and by class."""
    if not training.get("test"):
        return
    yield "## On the test set"
    where = f" of {facts.dataset}" if facts.dataset else ""
    yield (
        f"Entities of the {training['sentences']['test']} test sentences{where}, without attack "
        "(seqeval, strict, IOB2)."
    )
    test = training["test"]
    rows = [("all", test), *sorted(test["per_class"].items())]
    head = ["class", *(name for name in MEASURED), "entities"]
    cells = [
        [name, *(f"{100 * each[key]:.1f} %" for key in MEASURED), str(each["support"])]
        for name, each in rows
    ]
    yield _table(head, cells)


def _robustness(attacks: Sequence[MeasuredAttack]) -> Iterator[str]:
    """Yield how the model stands up to attacks."""
    if not attacks:
        return
    yield "## Under attack"
    yield to_markdown(attack_tables(attacks)["attacks"]).strip()
    yield (
        "These figures hold for these attacks only; a stronger attack, or one with more queries, "
        "may break more."
    )


def _training(training: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the weights depend on."""
    if not training:
        return
    yield "## Training"
    settings = {**training["settings"], "sentences": training["sentences"]["train"]}
    settings |= {name: training[name] for name in ("bfloat16", "device", "threads")}
    settings |= training["versions"]
    cells = [[name, f"`{value}`"] for name, value in settings.items() if value is not None]
    yield _table(["setting", "value"], cells)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
