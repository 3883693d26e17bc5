"""Configuration: defaults from the schema, and one message with every problem."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

import tools.make_config_readme as make_config_readme
from seqattack.attack.recipes.registry import find_recipe
from seqattack.errors import ConfigError
from seqattack.pipeline.config import check_place, load_config
from seqattack.pipeline.consistency.parts import recipe_problem
from seqattack.pipeline.names import PICKS, RECIPE
from seqattack.pipeline.plan import Plan
from seqattack.victim.source import VictimSource
from tests.helpers.configs import minimal_config

ROOT = Path(__file__).resolve().parents[2]


def test_defaults_are_filled_in_and_the_input_is_left_alone() -> None:
    given = minimal_config()
    config = load_config(given)
    assert given == minimal_config()
    assert config.training.epochs == 3
    assert config.attack.query_budget == 512
    assert config.attacks.timeout is None
    assert config.victims["full"].sentences == "all"
    assert config.subset.max_wrong == 0.1
    assert config.to_json()["grammar"] == {"backend": "harper"}


@pytest.mark.parametrize(
    "path", sorted((ROOT / "config").glob("*.yaml")), ids=lambda path: path.stem
)
def test_the_project_s_configs_are_valid(path: Path) -> None:
    config = load_config(path)
    assert "deepwordbug-i-5" in config.recipes
    if path.stem != "leaderboard":  # its victims are trained already
        assert config.adversarial_training[0].recipe == "deepwordbug-i-5"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 1}, "top level: unknown key 'seed'; did you mean 'seeds'?"),
        ({"seeds": 1}, "seeds: 1 is not allowed; Seeds of every random choice"),
        ({"training": {"learning_rate": "2e-4"}}, "write a number with a point, such as 0.0002"),
        ({"training": {"epochs": 0}}, "training.epochs: 0 is not allowed"),
        ({"corpus": {}}, "exactly one of newswire, conll, jsonl, files, hub is needed; found none"),
        ({"corpus": {"conll": {"train": "a", "dev": "b"}}}, "corpus.conll: missing test"),
        (
            {
                "corpus": {
                    "hub": {
                        "name": "a",
                        "files": {k: {"path": "x"} for k in ("train", "dev", "test")},
                    }
                }
            },
            "corpus.hub: files needs revision",
        ),
        ({"labels": {"A": "B  C"}}, "labels.A: 'B  C' is not allowed"),
        (
            {"pretrained": {"name": "bert"}},
            "pretrained: exactly one of embedded, name with revision, path is needed; found name",
        ),
        (
            {"pretrained": {"embedded": "minilm", "name": "bert", "revision": "1"}},
            "pretrained: embedded does not go with name, revision; remove the one or the other",
        ),
        ({"pretrained": {"embedded": "minilmm"}}, "did you mean 'minilm'?"),
        ({"victims": {"full": {}}}, "victims: missing small"),
        ({"attacks": {"recipes": []}}, "attacks.recipes: [] is not allowed"),
        ({"attacks": {"recipes": ["deepwordbug-i5"]}}, "did you mean 'deepwordbug-i-5'?"),
        ({"noise": {"suites": ["ocr", "tyops+ocr"]}}, "noise.suites.1: there is no suite 'tyops'"),
        ({"noise": {"suites": ["ocr"], "rates": [2]}}, "noise.rates.0: 2 is not allowed"),
        (
            {"attacks": {"recipes": ["deepwordbug-i-5"], "goal": "untargetted"}},
            "attacks.goal: unknown goal function 'untargetted'; did you mean 'untargeted'",
        ),
        ({"attacks": {"recipes": ["clare"], "goal": "missed:LOC"}}, "missed has no target"),
        (
            {"adversarial_training": [{"recipe": "clare", "sizes": [1], "goal": "strict"}]},
            "adversarial_training.0.goal: unknown goal function 'strict'",
        ),
        ({"attacks": {"recipes": ["deepwordbug-i-5"], "timeout": 0}}, "attacks.timeout"),
        ({"device": "gpu"}, "device: 'gpu' is not known"),
        ({"similarity": {"backend": "usee"}}, "similarity.backend: 'usee' is not known"),
        (
            {"similarity": {"backend": "use", "model": "use", "artefact": "scpn"}},
            "similarity: model and artefact are both given",
        ),
        ({"similarity": {"artefact": "scpn"}}, "similarity.artefact: only use takes one"),
        (
            {"scpn": {"artefact": "spcn"}},
            "scpn.artefact: there is no artefact 'spcn'; did you mean",
        ),
        ({"scpn": {"artefact": "minilm"}}, "minilm is a package, and one of kind archive is"),
        (
            {"similarity": {"backend": "use", "model": "use", "revision": "1"}},
            "similarity.revision: only sentence-transformers has one",
        ),
        ({"similarity": {"revision": "1"}}, "similarity.revision: the embedded model has none"),
        (
            {"similarity": {"model": "org/name"}},
            "similarity.model: there is no folder org/name; a model on the hub needs its commit",
        ),
        ({"backend": "openvino", "device": "cuda"}, "backend: openvino runs on the processor"),
        (
            {"scpn": {"path": "a", "parser": "shallow", "parser_path": "b"}},
            "scpn.parser_path: only stanza has one",
        ),
        ({"scpn": {"path": "a", "parser": "stanzaa"}}, "scpn.parser: 'stanzaa' is not allowed"),
        ({"subset": {"size": 16.0}}, "subset.size: 16.0 is not allowed"),
        ({"subset": {"max_wrong": float("nan")}}, "subset.max_wrong: nan is not allowed"),
        ({"attacks": {"recipes": ["clare"], "timeout": float("inf")}}, "timeout: inf is not"),
        ({"seeds": [2**32]}, "seeds.0: 4294967296 is not allowed"),
        ({"seeds": [10**5000]}, "seeds.0: the number is too large"),
        ({"seeds": [True]}, "seeds.0: True is not allowed"),
        ({"training": {"threads": 10000}}, "training.threads: 10000 is not allowed"),
        ({"labels": {1: "A"}}, "labels.1 is no key"),
        ({"scpn": None}, "scpn: exactly one of embedded, path, artefact is needed; found None"),
        ({"scpn": {"parser": "shallow"}}, "embedded, path, artefact is needed; found parser"),
        (
            {"scpn": {"embedded": "small", "parser": "shallow"}},
            "scpn: embedded does not go with parser; remove the one or the other",
        ),
        ({"scpn": {"path": "a", "steps": 3}}, "scpn: path does not go with steps"),
        ({"masked_lm": {"default": None}}, "masked_lm.default: exactly one of embedded"),
        (
            {"masked_lm": {"default": {"steps": 500}}},
            "masked_lm.default: exactly one of embedded, name with revision, path is needed; found "
            "steps",
        ),
        ({"results": "a/{x}"}, "results: a/{x} has a brace, which Snakemake takes"),
        ({"logs": "~/logs"}, "logs: ~/logs begins with ~, which commands and shells read"),
        ({"results": "x" * 300}, "cannot be used (File name too long)"),
        ({"figures": "-n"}, "figures: -n begins with -, which commands and shells read"),
        ({"logs": " "}, "logs: an empty path names nothing"),
        ({"figures": "a\x1b[2J"}, "figures: 'a\\x1b[2J' is not allowed"),
        ({"device": "x" * 9999}, "device: 'xxx"),
        (
            {"adversarial_training": [{"recipe": "deepwordbug-i-5", "sizes": [10, 51]}]},
            "adversarial_training.0.sizes: 51 is more than the 50 sentences that the small victim",
        ),
        ({"subset": {"size": 51}}, "subset.size: 51 is more than the 50 test sentences"),
        (
            {"victims": {"full": {}, "small": {"sentences": 101}}},
            "victims.small.sentences: 101 is more than the 100 training sentences",
        ),
        (
            {"adversarial_training": [{"recipe": "deepwordbug-i-5", "sizes": [20, 10]}]},
            "adversarial_training.0.sizes: [20, 10] must rise, such as [10, 20]",
        ),
        (
            {"adversarial_training": [{"sizes": [1]}]},
            "adversarial_training.0: recipe with sizes or recipes or picks with sizes is needed",
        ),
        (
            {"adversarial_training": [{"picks": "picks.json", "sizes": [1]}] * 2},
            "adversarial_training.1.picks: picks comes twice",
        ),
        (
            {
                "adversarial_training": [
                    {"recipe": "deepwordbug-i-5", "sizes": [1], "goal": "untargeted-strict"},
                    {"picks": "picks.json", "sizes": [1]},
                ]
            },
            "adversarial_training.1: goal and timeout must be those of the other entry",
        ),
        (
            {"adversarial_training": [{"recipe": "deepwordbug-i-5", "sizes": [1]}] * 2},
            "comes twice",
        ),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(minimal_config(**changes))
    assert message in str(error.value)
    assert max(map(len, str(error.value).splitlines())) < 1000


def test_how_a_corpus_is_read_goes_on_to_its_job() -> None:
    paths = dict.fromkeys(("train", "dev", "test"), "a.txt")
    columns: dict[str, Any] = {"columns": {"token": 2, "tag": "ner"}, "scheme": "io"}
    known: dict[str, Any] = {"strict": True, "tag_names": ["O", "B-X"], "document_ids": True}
    hub: dict[str, Any] = {"name": "a/b", "config": "c", "splits": {"dev": "heldout"}}
    for source in ({"files": paths | columns | known}, {"conll": paths}, {"hub": hub}):
        config = load_config(minimal_config(corpus=source, labels={"A": "B", "C": ""}))
        assert config.to_json()["corpus"] == source
        assert config.labels == {"A": "B", "C": ""}


def test_a_goal_may_be_a_package_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "shouting-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: shouting\nVersion: 1.0\n")
    made = "seqattack.attack.goals:Targeted"
    (package / "entry_points.txt").write_text(f"[seqattack.goals]\nshouting = {made}\n")
    monkeypatch.syspath_prepend(tmp_path)
    attacks = {"recipes": ["deepwordbug-i-5"], "goal": "shouting:LOC"}
    config = load_config(minimal_config(attacks=attacks))
    assert Plan(config).job("comparison", "deepwordbug-i-5").settings.goal == "shouting:LOC"


def test_all_problems_come_at_once() -> None:
    with pytest.raises(ConfigError) as error:
        load_config(minimal_config(sed=1, device="gpu"))
    assert len(str(error.value).splitlines()) == 3


def test_files_that_are_no_config(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    for text, message in (("a: [", "not valid YAML"), ("- 1", "a mapping of keys is needed")):
        path.write_text(text)
        with pytest.raises(ConfigError, match=message):
            load_config(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "missing.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds: [2026-99-99]", "month must be in 1..12"),
        (f"seeds: [{'9' * 5000}]", "Exceeds the limit"),
        ("seeds: [1]\ndevice: cpu\nseeds: [2]", "line 3: seeds comes twice"),
        ("a: &a [*a]", "stands for itself"),
        ("a: " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        (
            "".join(
                f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]\n" for n in range(40)
            ),
            "too many values",
        ),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
    ],
    ids=["date", "digits", "twice", "itself", "deep", "bomb", "code"],
)
def test_files_that_would_do_harm_are_one_line_at_once(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    started = time.process_time()
    with pytest.raises(ConfigError, match=message) as error:
        load_config(path)
    assert time.process_time() - started < 5
    assert "\n" not in str(error.value)


def test_aliases_may_be_used(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    text = yaml.safe_dump(minimal_config()).replace("size: 20", "size: &n 20")
    path.write_text(f"{text}attack: {{shard_size: *n, in_flight: *n}}\n")
    config = load_config(path)
    assert (config.attack.shard_size, config.attack.in_flight) == (20, 20)


def test_a_folder_that_cannot_be_named_is_refused() -> None:
    check_place("/home/über here", "it's")
    with pytest.raises(ConfigError, match=r"this folder: /home/\{x\} has a brace"):
        check_place("/home", "/home/{x}")
    for odd, shown in (("new\nline", r"new\\nline"), (os.fsdecode(b"\xff"), r"\\udcff")):
        with pytest.raises(ConfigError, match=rf"^this folder: /home/{shown} has .+, or run from"):
            check_place(f"/home/{odd}")


def test_a_run_goes_into_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to("missing")
    for path in ("file", "file/below", "nowhere", "nowhere/below"):
        config = {**minimal_config(), "results": str(tmp_path / path)}
        with pytest.raises(ConfigError, match=r"results: \S+/(file|nowhere) is no folder; name"):
            load_config(config)
    load_config({**minimal_config(), "results": str(tmp_path / "new" / "below")})


def test_every_key_is_described() -> None:
    schema = yaml.safe_load((ROOT / "seqattack" / "pipeline" / "config.schema.yaml").read_text())

    def check(node: dict[str, Any], where: str) -> None:
        for name, each in node.get("properties", {}).items():
            described = "description" in each or "$ref" in each
            assert described, f"{where}.{name}"
            check(each, f"{where}.{name}")
        if node.get("type") == "object" and node.get("properties"):
            others = node.get("additionalProperties")
            assert others is False or "$ref" in (others or {}), where

    check(schema, "")
    for name, node in schema["$defs"].items():
        check(node, name)


def test_the_page_of_keys_is_the_schema_s() -> None:
    assert (ROOT / "config" / "README.md").read_text() == make_config_readme.page()


def test_table_1_as_published_is_a_third_experiment() -> None:
    recipes = ["bert-attack", "clare", "deepwordbug-ii-5", "scpn", "textfooler"]
    attacks: dict[str, Any] = {"recipes": recipes, "timeout": 120}
    masked_lm = {"default": {"path": "lm"}, "clare": {"path": "roberta"}}
    plain = Plan(load_config(minimal_config(attacks=attacks, masked_lm=masked_lm)))
    assert plain.of_experiment("published") == []
    attacks["published"] = True
    plan = Plan(load_config(minimal_config(attacks=attacks, masked_lm=masked_lm)))
    assert plan.of_experiment("comparison") == plain.of_experiment("comparison")
    folders = [plan.folder(attack).path.as_posix() for attack in plan.of_experiment("published")]
    names = ("bert-attack-published", "clare-published-1", "deepwordbug-ii-5-published", "scpn")
    assert folders == [f"results/attacks/published/full/{name}" for name in names]
    job = plan.job("published", "clare-published-1")
    assert (job.settings.goal, job.settings.timeout) == ("untargeted-strict-published", 120)
    assert job.resources["masked-lm"] == {"path": "roberta"}
    assert plan.config.masked_lm_entry("clare-spread") == "clare"
    assert plan.job("comparison", "scpn").settings.goal == "untargeted-strict"
    assert plan.job("published", "scpn").settings.goal == "untargeted-strict-published"
    assert set(plain.scores) < set(plan.scores)


def test_the_subset_may_have_a_seed_of_its_own() -> None:
    assert load_config(minimal_config(seeds=[3])).subset_seed == 3
    subset = {"size": 20, "order": "shuffled", "seed": 567}
    assert load_config(minimal_config(seeds=[3], subset=subset)).subset_seed == 567


FULL: dict[str, Any] = {"gliner": "a/b", "revision": "abc", "tags": ["person"]}


def test_ready_victims_of_every_kind() -> None:
    victims: dict[str, Any] = {
        "full": FULL,
        "small": {"http": "http://localhost:80/", "per_second": 5},
    }
    config = load_config(minimal_config(victims=victims, labels={"person": "PER", "DATE": ""}))
    assert load_config(config.to_json()) == config
    plan = Plan(config)
    assert json.loads(plan.model("full")) == {**FULL, "labels": config.labels}
    assert VictimSource.of(plan.model("small")).per_second == 5
    # The one on the hub is fetched first.
    assert plan.model_files("full", "small") == ["results/artefacts/model-a-b-abc.json"]


def test_trained_victims_and_folders_are_named_by_their_folder(tmp_path: Path) -> None:
    victims = {"full": {"path": str(tmp_path)}, "small": {"sentences": 50}}
    plan = Plan(load_config(minimal_config(victims=victims)))
    trained = str(plan.layout.model("small"))
    assert [plan.model(name) for name in ("full", "small")] == [str(tmp_path), trained]
    assert plan.model_files("full", "small") == [str(tmp_path), trained]
    assert set(plan.ready) == {"full"}


@pytest.mark.parametrize(
    ("victim", "message"),
    [
        ({"spacy": "x", "gliner": "y"}, "victims.full: .*exactly one of path, transformers"),
        ({"spacy": "x", "tags": ["O"]}, "victims.full: spacy:x: .* has no tags"),
        ({"tags": ["O"]}, "victims.full: .*exactly one of"),
        ({"transformers": "a/b"}, "victims.full: a/b needs a revision"),
        ({"sentences": 9, "word_tag": "vote"}, "victims.full: .*exactly one of"),
        ({"spacy": "x", "word_tag": "vote"}, "victims.full: spacy:x: .* has no word_tag"),
        ({"http": "localhost"}, r"victims\.full\.http: 'localhost' is not allowed"),
    ],
)
def test_ready_victims_that_do_not_work(victim: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_config(minimal_config(victims={"full": victim, "small": {"sentences": 50}}))


@pytest.mark.parametrize(
    "victim",
    [
        {"spacy": "x"},
        {"gliner": "a/b", "revision": "1", "tags": ["person"], "normalise": True},
        {"onnx": "x"},
        {"python": "a:b"},
        {"http": "http://localhost"},
    ],
    ids=lambda victim: next(iter(victim)),
)
def test_a_victim_of_one_precision_and_backend_is_not_given_another(victim: dict[str, Any]) -> None:
    """Also one that is not attacked first: its job would fail after those of all others."""
    kind = next(iter(victim))
    victims = {"full": {}, "small": {"sentences": 50}, "other": victim}
    for key, choice in (("precision", "bfloat16"), ("backend", "openvino")):
        load_config(minimal_config(victims=victims, **{key: "auto"}))
        with pytest.raises(ConfigError) as error:
            load_config(minimal_config(victims=victims, **{key: choice}))
        (line,) = str(error.value).splitlines()[1:]
        assert line.strip().startswith(f"victims.other: a {kind} victim cannot run")
        assert line.endswith(f"set {key}: auto")


def test_trained_victims_and_exported_ones_have_any_precision_and_backend() -> None:
    """Robust victims and those behind a filter, too."""
    other = {"victim": "small", "normalise": True}
    victims = {"full": {"openvino": "x"}, "small": {}, "other": other}
    robust = [{"recipe": "deepwordbug-i-5", "sizes": [10]}]
    choices = {"precision": "bfloat16", "backend": "openvino"}
    load_config(minimal_config(victims=victims, adversarial_training=robust, **choices))


def test_recipes_of_packages_may_have_any_name_that_a_path_can_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = find_recipe("deepwordbug-i-5")
    names = ("my_attack", "Attack.2", "picks-of-mine")
    refused = ("my attack", "a/b", "-attack", "..", PICKS)
    monkeypatch.setattr("seqattack.pipeline.consistency.parts.find_recipe", lambda name: made)
    for name in names:
        assert not list(recipe_problem("attacks.recipes.0", name))
        assert re.fullmatch(f"augmentation/(?P<recipe>{RECIPE})/plan", f"augmentation/{name}/plan")
    assert not re.fullmatch(f"augmentation/{RECIPE}/plan", f"augmentation/{PICKS}/plan")
    for name in refused:
        (line,) = recipe_problem("attacks.recipes.0", name)
        assert line.startswith("attacks.recipes.0: files cannot be called after a recipe")


def test_figures_1_and_2_are_drawn_where_an_attack_makes_them() -> None:
    attacks = {"recipes": ["deepwordbug-i-5", "bert-attack", "scpn"]}
    masked_lm = {"default": {"embedded": "minilm"}}
    scpn = {"embedded": "small"}
    plan = Plan(load_config(minimal_config(attacks=attacks, masked_lm=masked_lm, scpn=scpn)))
    assert (plan.word_level, plan.sentence_level) == (("bert-attack",), ("scpn",))
    drawn = {path.stem for path in plan.figures}
    assert {"figure1", "figure2"} <= drawn
    alone = Plan(load_config(minimal_config(attacks={"recipes": ["deepwordbug-i-5"]})))
    assert not {"figure1", "figure2"} & {path.stem for path in alone.figures}
