"""What hardens a victim while it is trained: its settings, in commands and configurations."""

from __future__ import annotations

import argparse
import json
from typing import Any

import pytest

from seqattack.cli.hardening import add_hardening, hardening_settings
from seqattack.corpus.newswire import generate_newswire
from seqattack.errors import ConfigError
from seqattack.models.job import TrainingJob
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from seqattack.tags import is_iob2
from seqattack.victim.fresh_noise import with_noise
from seqattack.victim.hardening import EmbeddingAttackSettings, NoiseSettings
from seqattack.victim.settings import TrainingSettings
from tests.helpers.configs import minimal_config

SENTENCES = generate_newswire(seed=5, train=1500, dev=1, test=1)["train"]


def test_settings_survive_json_with_what_was_filled_in() -> None:
    settings = TrainingSettings(
        noise=NoiseSettings(("typos", "case"), rate=0.2),
        embedding_attack=EmbeddingAttackSettings("freelb", epsilon=0.4),
    )
    value = json.loads(json.dumps(TrainingJob(settings).to_json()))
    assert value["settings"]["embedding_attack"] == {
        "method": "freelb",
        "epsilon": 0.4,
        "steps": 2,
        "step_size": 0.2,
    }
    assert value["settings"]["noise"] == {"suites": ["typos", "case"], "rate": 0.2, "share": 0.5}
    assert TrainingJob.from_json(value, TrainingSettings).settings == settings


def test_fgm_makes_two_passes_and_one_step_of_epsilon() -> None:
    fgm = EmbeddingAttackSettings("fgm", epsilon=0.3)
    assert (fgm.passes, fgm.ascent) == (2, 0.3)
    freelb = EmbeddingAttackSettings("freelb", epsilon=0.3, steps=4, step_size=0.1)
    assert (freelb.passes, freelb.ascent) == (4, 0.1)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"noise": []}, "noise: [] is not allowed"),
        ({"noise": {}}, "noise: suites is missing"),
        ({"noise": {"suites": "typos"}}, "noise.suites: 'typos' is not allowed; write a list"),
        ({"noise": {"suites": []}}, "noise.suites: [] is not allowed"),
        ({"noise": {"suites": ["tipos"]}}, "noise.suites: 'tipos' is not known; did you mean"),
        ({"noise": {"suites": ["case", "case"]}}, "names a suite twice"),
        ({"noise": {"suites": ["case"], "rate": 2}}, "noise.rate: 2 is not allowed"),
        ({"noise": {"suites": ["case"], "share": -1}}, "noise.share: -1 is not allowed"),
        ({"noise": {"suites": ["case"], "rat": 1}}, "noise: unknown key 'rat'; did you mean"),
        ({"embedding_attack": {"epsilon": 1}}, "embedding_attack: method is missing"),
        ({"embedding_attack": {"method": "pgd"}}, "embedding_attack.method: 'pgd' is not known"),
        ({"embedding_attack": {"method": "fgm", "epsilon": -1}}, "epsilon: -1 is not allowed"),
        (
            {"embedding_attack": {"method": "fgm", "steps": 2}},
            "embedding_attack.steps: FGM makes one step, epsilon long; remove the key",
        ),
        (
            {"embedding_attack": {"method": "fgm", "step_size": 2}},
            "embedding_attack.step_size: FGM makes one step",
        ),
        ({"embedding_attack": {"method": "freelb", "steps": 0}}, "steps: 0 is not allowed"),
        (
            {"embedding_attack": {"method": "freelb", "step_size": -1}},
            "step_size: -1 is not allowed",
        ),
    ],
)
def test_what_is_wrong_is_said(value: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TrainingSettings(**value)
    assert message in str(caught.value)


def test_noise_falls_on_its_share_at_its_rate_afresh_each_epoch() -> None:
    settings = NoiseSettings(("upper", "lower"), rate=0.4, share=0.3)
    epochs = [with_noise(SENTENCES, settings, 7, epoch) for epoch in range(3)]
    assert epochs[1] == with_noise(SENTENCES, settings, 7, 1)
    assert epochs[1] != with_noise(SENTENCES, settings, 8, 1)
    noisy = []
    for made in epochs:
        noisy.append({s.id for s, old in zip(made, SENTENCES, strict=True) if s != old})
        assert 0.26 < len(noisy[-1]) / len(SENTENCES) < 0.32
    assert noisy[0] != noisy[1] != noisy[2]
    changed, words = 0, 0
    for new, old in zip(epochs[0], SENTENCES, strict=True):
        if new.id in noisy[0]:
            pairs = [(a, b) for a, b in zip(new.tokens, old.tokens, strict=True) if b.istitle()]
            changed += sum(a != b for a, b in pairs)
            words += len(pairs)
    assert abs(changed / words - 0.4) < 0.06


@pytest.mark.parametrize("suites", [("typos",), ("spacing", "punctuation"), ("case", "ocr")])
def test_the_entities_of_noisy_sentences_are_those_of_the_clean_ones(
    suites: tuple[str, ...],
) -> None:
    for new, old in zip(
        with_noise(SENTENCES, NoiseSettings(suites, rate=0.5, share=1.0), 0, 0),
        SENTENCES,
        strict=True,
    ):
        assert len(new.tokens) == len(new.tags)
        assert is_iob2(new.tags)
        assert [each.label for each in new.entities] == [each.label for each in old.entities]


def test_no_noise_changes_nothing() -> None:
    for settings in (NoiseSettings(("case",), rate=0), NoiseSettings(("case",), share=0)):
        assert with_noise(SENTENCES, settings, 0, 0) == list(SENTENCES)


def parsed(*words: str) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    add_hardening(parser)
    return hardening_settings(parser.parse_args(words))


def test_options_say_what_a_configuration_says() -> None:
    assert parsed() == {"noise": None, "embedding_attack": None}
    words = "--noise typos,case --noise-rate 0.2 --embedding-attack freelb"
    words += " --embedding-attack-steps 3 --embedding-attack-step-size 0.1"
    assert parsed(*words.split()) == {
        "noise": {"suites": ["typos", "case"], "rate": 0.2},
        "embedding_attack": {"method": "freelb", "steps": 3, "step_size": 0.1},
    }
    with pytest.raises(ConfigError, match="--noise-rate: needs --noise"):
        parsed("--noise-rate", "0.2")
    with pytest.raises(ConfigError, match="--embedding-attack-epsilon: needs --embedding-attack"):
        parsed("--embedding-attack-epsilon", "1")


def test_victims_of_a_run_are_hardened_each_in_its_own_way() -> None:
    value = minimal_config()
    value["training"] = {"noise": {"suites": ["typos"]}}
    freelb = {"method": "freelb", "steps": 3}
    value["victims"] |= {
        "calm": {"training": {"noise": None, "epochs": 1}},
        "hard": {"training": {"embedding_attack": freelb}},
    }
    value["attacks"]["defences"] = ["hard"]
    config = load_config(value)
    assert load_config(config.to_json()) == config
    plan = Plan(config)
    found = {name: plan.training(name).settings for name in ("full", "calm", "hard")}
    assert found["full"] == TrainingSettings(noise=NoiseSettings(("typos",)))
    assert found["calm"] == TrainingSettings(epochs=1)
    attack = EmbeddingAttackSettings("freelb", steps=3)
    assert found["hard"] == TrainingSettings(
        noise=NoiseSettings(("typos",)), embedding_attack=attack
    )
    assert plan.leaderboard == ("full", "calm", "hard")
    assert [str(each) for each in plan.defences] == ["full=full", "hard=full"]


@pytest.mark.parametrize(
    ("victim", "message"),
    [
        (
            {"training": {"noise": {"suites": ["tipos"]}}},
            "victims.hard.training.noise.suites: 'tipos' is not known; did you mean 'typos'?",
        ),
        (
            {"training": {"embedding_attack": {"method": "fgm", "steps": 1}}},
            "victims.hard.training.embedding_attack.steps: FGM makes one step",
        ),
        ({"training": {"threads": 1}}, "victims.hard.training: unknown key 'threads'"),
        (
            {"path": "ready", "training": {"epochs": 1}},
            "victims.hard.training: a ready victim is not trained; remove path or this",
        ),
        (
            {"victim": "full", "normalise": True, "training": {"epochs": 1}},
            "victims.hard: training is that of full; remove it here",
        ),
    ],
)
def test_what_cannot_harden_is_refused(victim: dict[str, Any], message: str) -> None:
    value = minimal_config()
    value["victims"]["hard"] = victim
    with pytest.raises(ConfigError) as caught:
        load_config(value)
    assert message in str(caught.value)
