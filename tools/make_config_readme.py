"""Write config/README.md from the configuration's schema."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from seqattack.pipeline.schema import schema

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "config" / "README.md"
HEAD = """\
# Configuration

| file | what |
| --- | --- |
| `config.yaml` | the paper's experiment: BERT on CoNLL-2003, both from the hub |
| `conll2003-cpu.yaml` | the same with MiniLM and local files, for a small computer |
| `wnut17.yaml` | the same on WNUT-17: noisy text of users, six classes |
| `ncbi-disease.yaml` | the same on the NCBI disease corpus: abstracts of medicine, one class |
| `leaderboard.yaml` | the victims of `conll2003-cpu.yaml` and spaCy's small pipeline, ranked |
| `demo.yaml` | the embedded default: a generated corpus, nothing is fetched |

Choose one with `--configfile`; without it, `config.yaml` is read. Unknown keys are refused.

The keys, made from `seqattack/pipeline/config.schema.yaml` by `python -m tools.make_config_readme`:

| key | default | meaning |
| --- | --- | --- |
"""


def rows(root: dict[str, Any], node: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield a line of the table for every key below a node.

    Args:
        root: The whole schema, which holds the definitions.
        node: An object's schema.
        prefix: What precedes the names of its keys, such as ``attack.``.
    """
    for name, each in node.get("properties", {}).items():
        reference = each.get("$ref", "").rpartition("/")[2]
        each = {**root["$defs"].get(reference, {}), **each}
        default = each.get("default")
        shown = "" if "default" not in each or default in ({}, []) else f"`{plain(default)}`"
        choices = f" One of `{'`, `'.join(map(str, each['enum']))}`." if "enum" in each else ""
        yield f"| `{prefix}{name}` | {shown} | {each.get('description', '')}{choices} |\n"
        yield from rows(root, each, f"{prefix}{name}.")
        yield from rows(root, each.get("items", {}), f"{prefix}{name}[].")


def plain(value: Any) -> str:
    """Return a value as YAML writes it."""
    return yaml.safe_dump(value, default_flow_style=True).splitlines()[0]


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(rows(schema(), schema()))


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
