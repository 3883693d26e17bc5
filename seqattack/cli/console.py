"""What a person sees in the terminal: progress and coloured differences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqattack.metrics.alignment import changed_tokens
from seqattack.tags import OUTSIDE
from seqattack.text import clipped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text

    from seqattack.attack.engine import Progress
    from seqattack.records import AttackRecord, Prediction


@contextmanager
def attack_progress(description: str) -> Iterator[Callable[[Progress], None]]:
    """Show a progress bar with success, failed and skipped counts; a last line in a log file."""
    from tqdm import tqdm

    last: list[Progress] = []
    with tqdm(desc=description, unit="sentence", disable=None, dynamic_ncols=True) as bar:

        def show(progress: Progress) -> None:
            last[:] = [progress]
            bar.total = progress.total
            bar.set_postfix(
                success=progress.success, failed=progress.failed, skipped=progress.skipped
            )
            bar.update(progress.done - bar.n)

        yield show
    if last:
        p = last[0]
        resumed = f", {p.resumed} done before" if p.resumed else ""
        print(
            f"{description}: {p.total} sentences, {p.success} success, {p.failed} failed, "
            f"{p.skipped} skipped{resumed}",
            file=sys.stderr,
        )


def render_record(record: AttackRecord) -> list[Text]:
    """Return a record as lines for rich: original, adversarial example and a summary."""
    from rich.text import Text

    lines = [_render_prediction("original", record.original, frozenset(), record.already_wrong)]
    if record.adversarial is not None:
        changed = changed_tokens(record.original.tokens, record.adversarial.tokens)
        lines.append(
            _render_prediction("attacked", record.adversarial, changed, record.newly_broken)
        )
    lines.append(
        Text(
            f"{record.outcome.value} ({record.stop.value}): labels score "
            f"{record.labels_score_before:.2f} -> {record.labels_score:.2f}, "
            f"{record.queries} queries, {record.forward_passes} forward passes"
        )
    )
    return lines


def _render_prediction(
    heading: str, prediction: Prediction, changed: frozenset[int], wrong: Sequence[int]
) -> Text:
    from rich.text import Text

    line = Text()
    line.append(f"{heading:<9}", style="bold")
    for index, token in enumerate(prediction.tokens):
        style = "red underline" if index in changed else ""
        line.append(" ").append(clipped(token), style=style)
        gold, predicted = clipped(prediction.tags[index]), clipped(prediction.predicted[index])
        if index in wrong:
            line.append(f"/{gold}→{predicted}", style="bold red")
        elif predicted != OUTSIDE or gold != OUTSIDE:
            line.append(f"/{predicted}", style="green" if predicted == gold else "yellow")
    return line
