"""Which artefacts a run needs, for what, and what is left out where one cannot be had."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from seqattack.errors import BackendError
from seqattack.files.artefacts import Artefact
from seqattack.pipeline.artefacts import FOUND_MISSING, explain, wanted_artefacts
from seqattack.pipeline.config import load_config
from seqattack.pipeline.plan import Plan
from tests.helpers.configs import minimal_config

REVISION = {"revision": "1a2b"}
HUB = {"name": "org/model"} | REVISION
SCPN = {"artefact": "scpn", "parser": "stanza"}


@pytest.fixture(autouse=True)
def gone(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of what cannot be had; everything else can."""
    names: set[str] = set()

    def why(artefact: Artefact) -> str | None:
        return "answers 404" if artefact.name in names else None

    # A plan leaves it behind for its jobs.
    monkeypatch.setenv(FOUND_MISSING, "")
    monkeypatch.delenv(FOUND_MISSING)
    monkeypatch.setattr("seqattack.pipeline.artefacts.why_unavailable", why)
    monkeypatch.setattr("seqattack.pipeline.artefacts.is_fetched", lambda artefact: False)
    return names


def plan(*recipes: str, **changes: Any) -> Plan:
    config = minimal_config(attacks={"recipes": list(recipes)}, **changes)
    return Plan(load_config(config))


def test_each_is_fetched_once_for_all_that_need_it() -> None:
    made = plan("bert-attack", "bae", "clare", masked_lm={"default": HUB}, scpn=SCPN)
    (wanted,) = made.artefacts.values()
    assert wanted.recipes == ("bert-attack", "bae", "clare")
    assert wanted.needed_by == "the rows of bert-attack, bae, clare need it"
    assert wanted.instead == "masked_lm: {default: {embedded: minilm}}"
    (path,) = made.resource_files("bae")[:1]
    assert path.endswith("artefacts/model-org-model-1a2b.json")


def test_what_every_row_needs_is_not_of_single_attacks() -> None:
    made = plan("bert-attack", masked_lm={"default": HUB}, pretrained=HUB)
    (wanted,) = made.artefacts.values()
    assert wanted.needed_by == "every table needs it"
    assert "unavailable: skip" not in explain(wanted, "answers 404")


def test_a_parser_is_replaced_by_another_one_and_an_scpn_by_a_small_one() -> None:
    made = plan("scpn", scpn=SCPN)
    assert {each.key: each.instead for each in made.artefacts.values()} == {
        "scpn": "scpn: {embedded: small}",
        "scpn.parser": "scpn: {artefact: scpn, parser: shallow}",
    }
    made = plan("scpn", scpn={"path": "own/scpn", "parser": "stanza"})
    (wanted,) = made.artefacts.values()
    assert wanted.instead == "scpn: {path: own/scpn, parser: shallow}"


def test_what_is_to_be_written_instead_is_a_configuration() -> None:
    files = {split: {"path": split} for split in ("train", "dev", "test")}
    changes: dict[str, Any] = {
        "corpus": {"hub": {"name": "org/data", "revision": "0" * 40, "files": files}},
        "pretrained": HUB,
        "victims": {"full": {"transformers": "org/full", "revision": "1"}, "small": {}},
        "masked_lm": {"default": {"name": "org/lm", "revision": "2"}},
        "scpn": SCPN,
        "similarity": {"backend": "use"},
        "grammar": {"backend": "languagetool"},
    }
    wanted = plan("bert-attack", "scpn", **changes).artefacts.values()
    assert len(wanted) == 8
    for each in wanted:
        ((key, value),) = yaml.safe_load(each.instead).items()
        if key == "victims":
            value = changes["victims"] | value
        load_config(minimal_config(**changes | {key: value}))


def test_the_sentence_encoder_waits_for_a_model_that_another_key_names_too() -> None:
    made = plan("deepwordbug-i-5", pretrained=HUB, similarity={"model": "org/model"} | REVISION)
    (name,) = made.artefacts
    assert made.encoder_files == [made.layout.artefact(name)]
    assert made.encoder_files == made.artefact_files("pretrained")
    assert plan("deepwordbug-i-5").encoder_files == []


def test_what_is_gone_is_left_out_everywhere(gone: set[str]) -> None:
    gone.add("scpn")
    robust = [{"recipe": "scpn", "sizes": [2]}, {"recipe": "bae", "sizes": [1]}]
    changes: dict[str, Any] = {"scpn": SCPN, "adversarial_training": robust}
    assert plan("scpn", "bae", **changes).config.attacks.recipes == ("scpn", "bae")
    made = plan("scpn", "bae", unavailable="skip", **changes)
    assert made.config.attacks.recipes == ("bae",)
    assert list(made.adversarial) == ["bae"]
    assert made.skipped.keys() == {"scpn"}
    assert (
        "SCPN's weights, as OpenAttack distributes them cannot be had (answers 404)"
        in (made.skipped["scpn"])
    )
    assert not wanted_artefacts(made.config, made.layout.run_files)


def test_jobs_plan_what_their_run_found(gone: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOUND_MISSING, json.dumps({"scpn": "it was gone"}))
    made = plan("scpn", "bae", unavailable="skip", scpn=SCPN)
    assert made.skipped == {"scpn": "it was gone"}
    gone.add("scpn")
    monkeypatch.setenv(FOUND_MISSING, "{}")
    assert not plan("scpn", "bae", unavailable="skip", scpn=SCPN).skipped


def test_a_run_without_any_attack_stops(gone: set[str]) -> None:
    gone.add("stanza")
    with pytest.raises(BackendError, match="leaves no attack to run:\n  scpn: Stanza's English"):
        plan("scpn", unavailable="skip", scpn=SCPN)
