"""Summaries of attacks that were never run."""

from __future__ import annotations

from seqattack.metrics.summary import AttackSummary


def any_summary(recipe: str, victim: str = "full") -> AttackSummary:
    """Return a summary of 3 successes among 9 attacked sentences."""
    return AttackSummary(
        victim=victim,
        victim_id="0123456789ab",
        recipe=recipe,
        goal="untargeted",
        sentences=10,
        attacked=9,
        successes=3,
        skipped=1,
        attack_rate=1 / 3,
        entity_attack_rate=0.25,
        found_before=16,
        precision=0.5,
        recall=0.25,
        f1=1 / 3,
        token_accuracy=0.9,
        modification_rate=0.2,
        positional_modification_rate=0.7,
        labels_score=0.6,
        similarity=0.8,
        grammar_error_change=1.25,
        queries=20.0,
        forward_passes=18.0,
        stops={"timeout": 2, "goal-reached": 8},
        intervals={"attack_rate": (0.1, 0.6)},
        similarity_backend="sentence-transformers all-MiniLM-L6-v2",
        grammar_backend="harper",
    )
