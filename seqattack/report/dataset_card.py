"""The card of a training set with adversarial examples, with the Hugging Face hub's metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from huggingface_hub import DatasetCardData

from seqattack import __version__
from seqattack.attack.settings import AttackSettings
from seqattack.corpus.statistics import tag_set
from seqattack.sentence import Sentence

DATA = "data/train-00000-of-00001.parquet"
"""The dataset's file, where the hub looks for the split ``train``."""


@dataclass(frozen=True, slots=True)
class Augmented:
    """A training set with adversarial examples.

    Args:
        sentences: Those of the corpus that are in it.
        examples: The adversarial examples.
        corpus: What the sentences come from.
        victim: The name of the model that the examples fool.
        victim_id: What that model was.
        settings: Of the attack.
        least_modified: Whether the least modified examples were chosen, or the first found.
    """

    sentences: Sequence[Sentence]
    examples: Sequence[Sentence]
    corpus: str
    victim: str
    victim_id: str
    settings: AttackSettings
    least_modified: bool


def dataset_card(name: str, data: Augmented) -> str:
    """Return the card as Markdown with the hub's metadata before it.

    Args:
        name: The dataset's name on the hub.
        data: What is in it.
    """
    rows = [*data.sentences, *data.examples]
    metadata = DatasetCardData(
        pretty_name=name.rpartition("/")[2],
        task_categories=["token-classification"],
        task_ids=["named-entity-recognition"],
        size_categories=_size(len(rows)),
        tags=["adversarial-examples", "named-entity-recognition"],
        configs=[
            {"config_name": "default", "data_files": [{"split": "train", "path": "data/train-*"}]}
        ],
    )
    settings = data.settings
    chosen = "the least modified" if data.least_modified else "the first of a seeded order"
    return f"""---
{metadata.to_yaml()}
---

# {name}

Sentences with named entities, and adversarial examples made of some of them, for training.
Made by SeqAttack, rebuilt, {__version__}.

| | |
| --- | --- |
| corpus | {data.corpus} |
| sentences | {len(data.sentences)} |
| adversarial examples | {len(data.examples)}, {chosen} |
| recipe | `{settings.recipe}`, goal `{settings.goal}`, {settings.query_budget} queries a sentence |
| victim | `{data.victim}` (`{data.victim_id}`) |
| classes | {", ".join(dict.fromkeys(tag[2:] for tag in tag_set(rows) if tag != "O"))} |

| column | what |
| --- | --- |
| `id` | the sentence's; that of an example ends with the recipe, as in `train-7-clare` |
| `tokens` | the tokens |
| `ner_tags` | a tag for each, as IOB2 class labels; an example keeps the true tags |

All settings of the attack:

```json
{json.dumps(settings.to_json(), indent=2)}
```

## Licence

The sentences are those of the corpus, and the examples are made of them: the corpus's licence
counts for all of it. Say it here before you share the dataset.
"""


def _size(rows: int) -> str:
    """Return the hub's word for a number of rows.

    >>> _size(999), _size(1000)
    ('n<1K', '1K<n<10K')
    """
    bounds = ("1K", "10K", "100K", "1M")
    below = sum(rows >= 1000 * 10**n for n in range(len(bounds)))
    if not below:
        return "n<1K"
    return f"{bounds[below - 1]}<n<{bounds[below]}" if below < len(bounds) else "1M<n<10M"
