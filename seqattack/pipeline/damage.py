"""What of a run is no longer as it was made, as the rules name it, so that it is made again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from seqattack.integrity import CARD, MADE, State, examine, move_aside
from seqattack.pipeline.layout import CARDS, MODELS, SEED, Layout


def damaged_outputs(layout: Layout) -> dict[str, str]:
    """Return the outputs of rules that changed since they were made, or are gone, and say why.

    Args:
        layout: Of the run; of all its seeds where there are several.

    Returns:
        Each output as the rules name it, such as ``results/subset.jsonl`` or the folder of a
        model, with what is wrong.
    """
    found: dict[str, str] = {}
    for folder in (layout.results, layout.figures):
        for finding in examine(folder):
            if finding.state is State.CHANGED:
                output = str(_output(folder, finding.path))
                found[output] = f"{finding.path} changed since it was made"
            elif finding.state is State.MISSING:
                output = str(_output(folder, finding.path))
                found.setdefault(output, f"{finding.path} is missing")
    return found


def _output(run: Path, path: Path) -> Path:
    """Return the output that a file belongs to: the folder of its model, or itself.

    The record of what made an output belongs to that output; the card in a model's folder is a
    copy, and belongs to the first.

    Args:
        run: The folder of the run, of all its seeds where there are several.
        path: The file, in that folder.
    """
    if path.parent.name == MADE:
        path = path.parent.parent / path.name.removesuffix(".json")
    inside = path.relative_to(run).parts
    if inside[0].startswith(SEED):
        run, inside = run / inside[0], inside[1:]
    if len(inside) < 2 or inside[0] != MODELS:
        return path
    model = inside[1]
    return run / CARDS / f"{model}.md" if inside[2:] == (CARD,) else run / MODELS / model


@dataclass(frozen=True, slots=True)
class Verification:
    """What a run's files are, compared with their checksums.

    Args:
        intact: How many are as they were made.
        wrong: Those that changed or are missing.
    """

    intact: int
    wrong: tuple[str, ...] = ()


def verification(layout: Layout, skipped: Collection[Path]) -> Verification:
    """Compare the files of a run's results and figures with their checksums.

    Args:
        layout: Of the run.
        skipped: Files that are passed over.
    """
    found = [
        finding
        for folder in (layout.results, layout.figures)
        for finding in examine(folder)
        if finding.path not in skipped and finding.state is not State.UNRECORDED
    ]
    wrong = tuple(str(each.path) for each in found if each.state is not State.INTACT)
    return Verification(len(found) - len(wrong), wrong)


def set_aside(damaged: Collection[str], made_again: Collection[str]) -> list[str]:
    """Move damaged outputs that will be made again out of the way, and say where they are.

    Args:
        damaged: Outputs that changed since they were made.
        made_again: The outputs of the jobs that will run.
    """
    lost = [Path(output) for output in damaged if output in made_again and Path(output).exists()]
    return [f"{path} is made anew; what was there is now {move_aside(path)}" for path in lost]
