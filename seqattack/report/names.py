"""The names of recipes, victims, tables and sources: each is made in one place."""

from __future__ import annotations

import re

from seqattack.pipeline.names import BASELINE, CONTINUED, MIXTURE, PICKS, UNDEFENDED

ORIGINAL = "original"
"""The source, and the row of Table 1, of the unattacked subset."""

TABLE_PUBLISHED = "table1-published"
"""The id of Table 1 as published."""

DEFENCES, DEFENCES_ATTACKS = "defences", "defences-attacks"
"""The ids of the tables of defences: one row a victim, and one row an attack on it."""

RECIPE_NAMES = {
    "bae": "BAE",
    "bert-attack": "BERT-Attack",
    "bidi": "Bidirectional overrides",
    "boundary": "Boundary word",
    "case": "Case",
    "clare": "CLARE",
    "clare-spread": "CLARE, spread",
    "combining": "Combining marks",
    "concat": "Concat",
    "context": "Context",
    "cross-category": "Cross-category",
    "entity-swap": "Entity swap",
    "entity-typo": "Entity typo",
    "full-width": "Full-width characters",
    "homoglyph": "Homoglyphs",
    "keyboard": "Keyboard, QWERTY",
    "keyboard-azerty": "Keyboard, AZERTY",
    "keyboard-qwertz": "Keyboard, QWERTZ",
    "leet": "Leet",
    "longer-entity": "Longer entity",
    MIXTURE: "mixture",
    "morpheus": "Morpheus",
    "obfuscate": "Obfuscation",
    "ocr": "OCR errors",
    "oov-entity": "OOV entity",
    PICKS: "picked examples",
    "scpn": "SCPN",
    "spacing": "Spacing",
    "textfooler": "TextFooler",
    "zero-width": "Zero-width characters",
}

TABLES_OF_TRAINING = {"deepwordbug-i-5": ("table2", "table4"), "bert-attack": ("table3", "table5")}
"""The paper's tables about adversarial training, by recipe: under attack, and on the test set."""


_PUBLISHED = re.compile(r"([a-z0-9-]+)-published(?:-([0-9]+))?")
_DEEPWORDBUG = re.compile(r"deepwordbug-(ii?)-([0-9]+)")


def recipe_name(recipe: str) -> str:
    """Return a recipe's name as the paper writes it; one that is not known keeps its name.

    >>> recipe_name("deepwordbug-ii-30"), recipe_name("clare-published")
    ('DeepWordBug-II-30', 'CLARE as published')
    >>> recipe_name("clare-published-1")
    'CLARE as published, most steps 1'
    """
    published = _PUBLISHED.fullmatch(recipe)
    if published:
        base, steps = published.groups()
        limit = f", most steps {steps}" if steps else ""
        return f"{recipe_name(base)} as published{limit}"
    if deepwordbug := _DEEPWORDBUG.fullmatch(recipe):
        version, distance = deepwordbug.groups()
        return f"DeepWordBug-{version.upper()}-{distance}"
    return RECIPE_NAMES.get(recipe, recipe)


def training_name(source: str) -> str:
    """Return the name of an adversarial training, which its robust victims have too.

    Args:
        source: The training's own name, or what its examples come from: a recipe, `MIXTURE` or
            `PICKS`, with `CONTINUED` behind it where the small victim is trained on.

    >>> training_name("clare"), training_name("clare-continued"), training_name(MIXTURE)
    ('CLARE', 'CLARE, continued', 'mixture')
    """
    examples = source.removesuffix(CONTINUED)
    return f"{recipe_name(examples)}{', continued' if examples != source else ''}"


def examples_name(source: str) -> str:
    """Return what a robust victim's examples are called.

    >>> examples_name("clare-continued"), examples_name(PICKS), examples_name(MIXTURE)
    ('examples of CLARE', 'picked examples', 'examples of a mixture of recipes')
    """
    examples = source.removesuffix(CONTINUED)
    if examples == MIXTURE:
        return "examples of a mixture of recipes"
    return recipe_name(examples) if examples == PICKS else f"examples of {recipe_name(examples)}"


def victim_name(size: str) -> str:
    """Return the name of the small victim with `size` adversarial examples in its training set.

    >>> victim_name("500"), victim_name(BASELINE)
    ('NERsmall + 500', 'NERsmall')
    """
    return "NERsmall" if size == BASELINE else f"NERsmall + {size}"


def victim_title(victim: str) -> str:
    """Return the name of a victim where victims of several trainings stand side by side.

    Args:
        victim: Its name in paths and records; a victim from outside keeps its name.

    >>> victim_title("full"), victim_title("robust-bert-attack-500"), victim_title("spacy")
    ('NERfull', 'NERsmall + 500 (BERT-Attack)', 'spacy')
    """
    if victim in UNDEFENDED:
        return f"NER{victim}"
    robust = re.fullmatch(r"robust-(.+)-(\d+)", victim)
    return f"{victim_name(robust[2])} ({training_name(robust[1])})" if robust else victim


def table_ids(source: str) -> tuple[str, str]:
    """Return the ids of the two tables about adversarial training with a source's examples.

    The first compares the victims under attack, the second on the unattacked test set.

    >>> table_ids("bert-attack"), table_ids("clare")
    (('table3', 'table5'), ('robustness-clare', 'standard-clare'))
    """
    return TABLES_OF_TRAINING.get(source, (f"robustness-{source}", f"standard-{source}"))


def table_name(identity: str) -> str:
    """Return a table's name, as headings and captions write it.

    >>> table_name("table3"), table_name("transfer-clare"), table_name("stops")
    ('Table 3', 'Transfer (CLARE)', 'Stops')
    >>> table_name(TABLE_PUBLISHED)
    'Table 1 as published'
    """
    if identity.startswith("table"):
        return f"Table {identity[5:].replace('-', ' as ')}"
    kind, _, source = identity.partition("-")
    return f"{kind.capitalize()} ({training_name(source)})" if source else kind.capitalize()


def comparison_source(recipe: str) -> str:
    """Return the source id of an attack of Table 1; `ORIGINAL` is the unattacked subset."""
    return f"comparison/{recipe}"


def published_source(recipe: str) -> str:
    """Return the source id of an attack of Table 1 as published."""
    return f"published/{recipe}"


def defence_source(victim: str, recipe: str) -> str:
    """Return the source id of an attack of the tables of defences that is none of Table 1."""
    return f"defences/{victim}/{recipe}"


def robustness_source(source: str, size: str) -> str:
    """Return the source id of an attack on a robust victim or on the undefended one.

    Args:
        source: Of the robust victims' examples; see `training_name`.
        size: The number of examples.
    """
    return f"robustness/{source}/{size}"


def noise_source(victim: str) -> str:
    """Return the source id of what noise does to a victim."""
    return f"noise/{victim}"


def evaluation_source(source: str, size: str) -> str:
    """Return the source id of a victim's metrics on the test set; see `robustness_source`."""
    return f"evaluation/{source}/{size}"
