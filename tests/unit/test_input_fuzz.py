"""Wrong configurations, command lines and model folders: no traceback, no hang, one right line.

`python -m tests.helpers.fuzz_inputs configs 5000` tries more.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.command_fuzz import fuzz_commands, valid_commands
from tests.helpers.config_fuzz import fuzz_configs
from tests.helpers.fuzz import Tally
from tests.helpers.model_fuzz import fuzz_models

CASES = {
    "configurations": (fuzz_configs, 500),
    "command lines": (fuzz_commands, 120),
    "model folders": (fuzz_models, 120),
}


@pytest.mark.filterwarnings("ignore")  # of libraries, about files that are no such files
@pytest.mark.parametrize(("fuzz", "count"), CASES.values(), ids=CASES)
def test_wrong_inputs_are_taken_or_refused_in_one_line(
    tmp_path: Path, fuzz: Callable[[Path, int, int], Tally], count: int
) -> None:
    tally = fuzz(tmp_path, count, count)
    print(dict(tally.outcomes), f"slowest: {tally.slowest:.2f} s")
    assert not tally.problems, "\n".join(tally.problems[:5])
    assert sum(tally.outcomes.values()) == count
    assert 0.01 * count < tally.outcomes["taken"] < 0.6 * count


def test_every_command_is_tried() -> None:
    from seqattack.cli.main import build_parser

    (commands,) = (each for each in build_parser()._actions if each.dest == "command")
    assert set(commands.choices or ()) == set(valid_commands())
