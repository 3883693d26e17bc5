"""How much faster the engine is than attacking one sentence at a time, one text at a time.

    python -m benchmarks.reference_loop --model MODEL --sentences FILE [--recipe bert-attack ...]

The reference does what a straightforward attack does: every text goes through its model alone, and
again whenever a constraint or the goal function asks for it. Search and recipe are the same, and
so must be what they find. Two clocks are shown: the processor's, which other programs move little,
and the wall's, which counts with several threads on a machine that does nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks.common import attack_parser, make_engine, outcomes, sentences_of, timed
from seqattack.models.memo import Memo


def main() -> None:
    options = attack_parser(__doc__).parse_args()
    engine, sentences = make_engine(options), sentences_of(options)
    list(engine.attack(sentences[:4]))  # warm up
    found: list[Any] = []
    ours = both_clocks(lambda: found.extend(engine.attack(sentences)))
    plain: list[Any] = []
    loop = both_clocks(lambda: plain.extend(reference(engine, sentence) for sentence in sentences))
    same = len(outcomes(found).items() & outcomes(plain).items())
    print(f"{options.recipe}, {options.precision}: {len(sentences)} sentences")
    print("                 processor       wall")
    print(f"engine           {ours[0]:7.2f} s  {ours[1]:7.2f} s")
    print(f"reference loop   {loop[0]:7.2f} s  {loop[1]:7.2f} s")
    print(f"ratio            {loop[0] / ours[0]:7.2f}    {loop[1] / ours[1]:7.2f}")
    print(f"same outcomes    {same} of {len(sentences)}")


def both_clocks(work: Callable[[], object]) -> tuple[float, float]:
    """Return the processor seconds that a function takes, and those on the wall."""
    started = time.perf_counter()
    processor = timed(work)
    return processor, time.perf_counter() - started


def reference(engine: Any, sentence: Any) -> Any:
    """Attack one sentence plainly."""
    from seqattack.attack.one_sentence import attack_sentence
    from seqattack.victim.gateway import Session

    loaded = engine.resources.sessions(one_by_one)
    sessions = {name: forgetful(session) for name, session in loaded.items()}
    victim = forgetful(Session(engine.gateway, one_by_one))
    return attack_sentence(sentence, victim, engine.recipe, engine.settings, sessions)


class Forgetful(dict[Any, Any]):
    """A cache that gives each answer back once, for the call that asked for it."""

    def __contains__(self, key: object) -> bool:
        return False


def forgetful(session: Any) -> Any:
    """Have a session ask its model every time."""
    for memo in vars(session).values():
        if isinstance(memo, Memo):
            memo._results = Forgetful()
    return session


def one_by_one(service: Any, items: Sequence[Any]) -> list[Any]:
    """Send each text through the model alone, in the order given."""
    return [service.forward([item], service.bucket(item))[0] for item in items]


if __name__ == "__main__":
    main()
