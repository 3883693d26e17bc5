"""The engine on a victim without a model: the same bytes however it is run."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Any

import editdistance
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqattack.attack.engine import Engine, Progress
from seqattack.attack.goals import find_goal
from seqattack.attack.journal import Journal
from seqattack.attack.one_sentence import attack_sentence
from seqattack.attack.recipes.registry import find_recipe
from seqattack.attack.resources.registry import all_resources, find_resource
from seqattack.attack.settings import AttackSettings
from seqattack.attack.text import TaggedText
from seqattack.errors import ConfigError, ModelError, RecipeError, RecordError, SeqAttackError
from seqattack.io import dump_line
from seqattack.records import (
    AttackRecord,
    Outcome,
    ShardError,
    Stop,
    damaged_shards_moved_aside,
    read_records,
    read_shards,
)
from seqattack.sentence import Sentence
from seqattack.tags import is_iob2, tag_class
from seqattack.victim.gateway import Gateway, Session
from tests.helpers.attacks import lines
from tests.helpers.corpora import corpus
from tests.helpers.disk import no_file_larger_than
from tests.helpers.fake_victim import FakeVictim

RECIPES = ["deepwordbug-i-5", "deepwordbug-ii-5", "deepwordbug-ii-30"]


def test_what_a_sentence_cached_is_freed_with_its_attack() -> None:
    def texts() -> int:
        return sum(type(each) is TaggedText for each in gc.get_objects())

    gc.collect()
    before = texts()  # of other tests
    gc.disable()
    try:
        records = list(Engine(FakeVictim(), AttackSettings(RECIPES[0])).attack(corpus(8)))
        assert texts() == before
    finally:
        gc.enable()
    assert sum(record.queries for record in records) > 50


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("goal", ["untargeted", "untargeted-strict", "targeted"])
def test_records_do_not_depend_on_concurrency_order_or_batches(recipe: str, goal: str) -> None:
    sentences = corpus(24)
    chosen = AttackSettings(recipe, goal, query_budget=80)
    one_by_one = [
        attack_sentence(s, Session(Gateway(FakeVictim())), find_recipe(recipe), chosen)
        for s in sentences
    ]
    together = list(Engine(FakeVictim(), chosen, in_flight=16).attack(sentences))
    shuffled = random.Random(1).sample(sentences, len(sentences))
    small_batches = list(
        Engine(FakeVictim(), chosen, in_flight=5, batch_tokens=16).attack(shuffled)
    )
    assert lines(one_by_one) == lines(together) == lines(small_batches)
    assert {record.outcome for record in together} >= {Outcome.SUCCESS, Outcome.SKIPPED}


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(RECIPES), st.integers(1, 120))
def test_invariants_of_a_record(seed: int, recipe: str, budget: int) -> None:
    for sentence in corpus(3, seed):
        chosen = AttackSettings(recipe, query_budget=budget, seed=seed)
        victim = FakeVictim()
        session = Session(Gateway(victim, fixed_shapes=False))
        record = attack_sentence(sentence, session, find_recipe(recipe), chosen)
        assert AttackRecord.from_json(json.loads(dump_line(record.to_json()))) == record
        assert record.queries <= budget
        assert record.forward_passes == victim.rows
        assert (record.adversarial is not None) == (record.outcome is Outcome.SUCCESS)
        if record.adversarial is not None:
            check_adversarial(sentence, record, recipe)


def check_adversarial(sentence: Sentence, record: AttackRecord, recipe: str) -> None:
    adversarial = record.adversarial
    assert adversarial is not None
    assert adversarial.tags == sentence.tags
    assert is_iob2(adversarial.tags)
    distance = editdistance.eval(sentence.text, " ".join(adversarial.tokens))
    assert 1 <= distance <= int(recipe.rsplit("-", 1)[1])
    assert record.newly_broken
    for i in record.newly_broken:
        assert tag_class(adversarial.predicted[i]) != tag_class(sentence.tags[i])
        assert tag_class(record.original.predicted[i]) == tag_class(sentence.tags[i])
    changed = [i for i, t in enumerate(sentence.tokens) if adversarial.tokens[i] != t]
    wrong = [
        i
        for i, tag in enumerate(adversarial.tags)
        if tag != "O" and tag_class(tag) != tag_class(adversarial.predicted[i])
    ]
    entity = [i for i, tag in enumerate(adversarial.tags) if tag != "O"]
    assert record.labels_score == round(len(wrong) / len(entity), 6)
    for i in changed:
        assert any(c.isalnum() for c in sentence.tokens[i])
        if "-ii-" in recipe:
            assert sentence.tags[i] == "O"
            assert adversarial.predicted[i] == "O"


def test_skipped_sentences_say_why() -> None:
    victim = FakeVictim()
    chosen = AttackSettings("deepwordbug-i-5")
    none, *_ = Engine(victim, chosen).attack([Sentence("a", ("won", "."), ("O", "O"))])
    assert (none.outcome, none.stop, none.queries) == (Outcome.SKIPPED, Stop.NO_ENTITY, 1)
    predicted = none.original.predicted
    other = "B-PER" if tag_class(predicted[0]) != "PER" else "B-LOC"
    wrong, *_ = Engine(victim, chosen).attack([Sentence("b", ("won", "."), (other, "O"))])
    assert (wrong.outcome, wrong.stop) == (Outcome.SKIPPED, Stop.ALREADY_WRONG)
    assert wrong.already_wrong == (0,)


def test_bad_sentences_are_refused_before_any_work() -> None:
    victim = FakeVictim()
    engine = Engine(victim, AttackSettings("deepwordbug-i-5"))
    rows = victim.rows
    with pytest.raises(ModelError, match="long"):
        list(engine.attack([Sentence("long", ("x",) * 99, ("O",) * 99)]))
    with pytest.raises(ModelError, match="sentence m has the tag B-MISC"):
        list(engine.attack([Sentence("m", ("x",), ("B-MISC",))]))
    assert victim.rows == rows


@pytest.mark.parametrize(
    ("name", "hint"),
    [("deepwordbug-i5", "deepwordbug-i-5"), ("deepwordbug-ii-0", "deepwordbug-ii-"), ("clair", "")],
)
def test_unknown_recipes_are_refused(name: str, hint: str) -> None:
    with pytest.raises(RecipeError, match=f"unknown recipe '{name}'.*{hint}"):
        find_recipe(name)


@pytest.mark.parametrize(
    ("group", "value", "message"),
    [
        ("recipes", "no_such_module:made", "recipe shouting: no_such_module:made cannot be made"),
        ("recipes", "seqattack.attack.recipes:made", "has no attribute 'made'"),
        ("recipes", "seqattack.errors:RecipeError", "must return a Recipe"),
        ("goals", "no_such_module:made", "goal shouting: no_such_module:made cannot be made"),
        ("goals", "seqattack.errors:RecipeError", "must return a Goal"),
        ("resources", "no_such_module:made", "resource shouting: .* cannot be made"),
        ("resources", "seqattack.attack.resources.resource:Resource", "cannot be made .*abstract"),
        ("resources", "seqattack.errors:RecipeError", "must return a Resource"),
        (
            "resources",
            "seqattack.attack.resources.entities:EntitiesResource",
            "must have the name shouting",
        ),
    ],
)
def test_what_another_package_brings_broken_is_named(
    group: str, value: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "shouting-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Name: shouting\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(f"[seqattack.{group}]\nshouting = {value}\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders: dict[str, Callable[[str], object]] = {
        "recipes": find_recipe,
        "goals": find_goal,
        "resources": find_resource,
    }
    find = finders[group]
    all_resources.cache_clear()
    with pytest.raises(RecipeError, match=message):
        find("shouting")
    if group != "resources":
        with pytest.raises(RecipeError, match="did you mean 'shouting'"):
            find("shoutin")


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        ("untargetted", "unknown goal function 'untargetted'; did you mean 'untargeted'"),
        ("targeted:LOCC", "the victim has no class 'LOCC'; it has LOC, O, PER"),
    ],
)
def test_a_goal_that_cannot_be_reached_is_refused_before_any_work(
    goal: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=says):
        run(tmp_path / "a.jsonl", corpus(3), goal=goal)
    assert not list(tmp_path.iterdir())


class Killed(BaseException):
    """Stands for a kill: nothing may catch it."""


def run(
    path: Path,
    sentences: list[Sentence],
    stop_after: int = 10**9,
    victim: FakeVictim | None = None,
    overwrite: bool = False,
    **changes: Any,
) -> Progress:
    def on_progress(progress: Progress) -> None:
        if progress.done - progress.resumed >= stop_after:
            raise Killed

    chosen = AttackSettings("deepwordbug-i-5", query_budget=60, **changes)
    engine = Engine(victim or FakeVictim(), chosen, in_flight=4)
    return engine.run(sentences, path, on_progress, overwrite=overwrite)


def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path: Path) -> None:
    sentences = corpus(20)
    run(tmp_path / "whole.jsonl", sentences)
    whole = (tmp_path / "whole.jsonl").read_bytes()
    for stop_after in (1, 7, 19):
        path = tmp_path / f"killed-{stop_after}.jsonl"
        with pytest.raises(Killed):
            run(path, sentences, stop_after)
        assert not path.exists()
        partial = path.with_name(path.name + ".partial")
        with partial.open("ab") as journal:  # a kill in the middle of a line
            journal.write(whole[:50])
        progress = run(path, sentences)
        assert progress.resumed == stop_after
        assert path.read_bytes() == whole
        assert not partial.exists()
    assert [record.id for record in read_records(path)] == [s.id for s in sentences]


def test_shards_joined_are_the_whole(tmp_path: Path) -> None:
    sentences = corpus(20)
    run(tmp_path / "whole.jsonl", sentences)
    joined = b""
    for k in range(4):
        run(tmp_path / f"{k}.jsonl", sentences[5 * k : 5 * k + 5])
        joined += (tmp_path / f"{k}.jsonl").read_bytes()
    assert joined == (tmp_path / "whole.jsonl").read_bytes()


def test_a_journal_of_another_run_is_refused_or_overwritten(tmp_path: Path) -> None:
    sentences = corpus(10)
    with pytest.raises(Killed):
        run(tmp_path / "a.jsonl", sentences, 5, seed=1)
    kept = (tmp_path / "a.jsonl.partial").read_bytes()
    with pytest.raises(
        RecordError, match=r"another run: seed was 1 and is 2.* start afresh with --overwrite"
    ):
        run(tmp_path / "a.jsonl", sentences, seed=2)
    assert (tmp_path / "a.jsonl.partial").read_bytes() == kept
    assert run(tmp_path / "a.jsonl", sentences, seed=2, overwrite=True).resumed == 0
    run(tmp_path / "b.jsonl", sentences, seed=2)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


class ModelFolder(FakeVictim):
    """A victim with the files of a model beside it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ("config.json", r"the victim's config\.json was \w{12} and is \w{12}"),
        ("tokenizer.json", r"the victim's tokenizer\.json was \w{12} and is \w{12}"),
        ("vocab.txt", r"the victim's vocab\.txt was missing and is \w{12}"),
        ("labels", "the victim's tags was O B-LOC .* and is O B-PER "),
        ("weights", "the victim was fake and is other"),
        ("code", "the code of seqattack was .* and is edited"),
        ("torch", "torch was .* and is 0.1"),
        ("lemminflect", "lemminflect was .* and is 0.1"),
        ("training.json", None),
    ],
)
def test_going_on_with_another_model_or_code_is_refused(
    changed: str, says: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    sentences = corpus(6)
    with pytest.raises(Killed):
        run(tmp_path / "a.jsonl", sentences, 3, ModelFolder(tmp_path))
    victim = ModelFolder(tmp_path)
    if changed == "labels":
        victim.labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    elif changed == "weights":
        victim.checksum = "other"
    elif changed == "code":
        monkeypatch.setattr("seqattack.attack.engine.library_hash", lambda *entries: "edited")
    elif changed in ("torch", "lemminflect"):
        monkeypatch.setattr("seqattack.attack.engine.package_version", {changed: "0.1"}.get)
    else:
        (tmp_path / changed).write_text("changed")
    if says is None:
        assert run(tmp_path / "a.jsonl", sentences, victim=victim).resumed == 3
    else:
        with pytest.raises(RecordError, match=says):
            run(tmp_path / "a.jsonl", sentences, victim=victim)


def test_shards_of_two_victims_are_not_joined(tmp_path: Path) -> None:
    sentences = corpus(6)
    paths = [tmp_path / "0.jsonl", tmp_path / "1.jsonl"]
    other = FakeVictim()
    other.checksum = "other"
    run(paths[0], sentences[:3])
    run(paths[1], sentences[3:], victim=other)
    ids = {record.victim_id for path in paths for record in read_records(path)}
    assert ids == {FakeVictim().id, other.id}
    with pytest.raises(RecordError, match=r"different victims .*0\.jsonl with .*1\.jsonl with"):
        list(read_shards(paths, 3, 6))


def test_a_journal_is_written_by_one_at_a_time(tmp_path: Path) -> None:
    with Journal(tmp_path / "a.jsonl", {}), pytest.raises(SeqAttackError, match="another process"):
        Journal(tmp_path / "a.jsonl", {})


def test_a_journal_without_a_record_is_nobody_s(tmp_path: Path) -> None:
    Journal(tmp_path / "a.jsonl", {"seed": 1}).close()
    assert run(tmp_path / "a.jsonl", corpus(3), seed=2).resumed == 0
    assert len(list(read_records(tmp_path / "a.jsonl"))) == 3


def test_a_journal_is_removed_while_it_is_locked(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl", {})
    file, left = journal._file, []

    class Watched:
        def close(self) -> None:
            left.append(journal.path.exists())
            file.close()

    journal._file = Watched()  # type: ignore[assignment]
    journal.finish([])
    assert left == [False]


def test_a_journal_that_another_process_has_just_removed_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    removed: list[str] = []

    def is_taken(file: FileIO) -> bool:
        if not removed:
            removed.append(str(file.name))
            (tmp_path / "a.jsonl.partial").unlink()
        return False

    monkeypatch.setattr("seqattack.attack.journal.is_taken", is_taken)
    with Journal(tmp_path / "a.jsonl", {}) as journal:
        assert removed
        assert journal.path.read_bytes() == b'{"run":{}}\n'


def test_a_damaged_journal_goes_on_before_the_damage(tmp_path: Path) -> None:
    sentences = corpus(10)
    with pytest.raises(Killed):
        run(tmp_path / "a.jsonl", sentences, 5)
    journal = tmp_path / "a.jsonl.partial"
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3][:20] + b"\x00\xff" + lines[3][22:]
    journal.write_bytes(b"".join(lines))
    assert run(tmp_path / "a.jsonl", sentences).resumed == 2
    run(tmp_path / "b.jsonl", sentences)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


@pytest.mark.parametrize("damage", [lambda lines: [*lines[:4], b"{}\n"], lambda lines: lines[:4]])
def test_a_damaged_shard_is_moved_aside(
    tmp_path: Path, damage: Callable[[list[bytes]], list[bytes]]
) -> None:
    paths = [tmp_path / f"{number}.jsonl" for number in range(2)]
    run(paths[0], corpus(8)[:5])
    run(paths[1], corpus(8)[5:])
    assert len(list(read_shards(paths, 5, 8))) == 8
    paths[0].write_bytes(b"".join(damage(paths[0].read_bytes().splitlines(keepends=True))))
    with pytest.raises(ShardError, match=r"0\.jsonl"):
        list(read_shards(paths, 5, 8))
    assert paths[0].exists(), "reading moves nothing"
    with (
        pytest.raises(RecordError, match=r"moved to 0\.jsonl\.damaged: run .* again"),
        damaged_shards_moved_aside(),
    ):
        list(read_shards(paths, 5, 8))
    assert not paths[0].exists()
    assert paths[1].exists()
    with pytest.raises(RecordError, match="no such file"):
        list(read_shards(paths, 5, 8))


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "x"}\n')
    with pytest.raises(RecordError, match=r"a\.jsonl:1: not an attack record"):
        list(read_records(tmp_path / "a.jsonl"))


def test_a_full_disk_is_an_error_with_a_cure_and_no_output(tmp_path: Path) -> None:
    with (
        pytest.raises(SeqAttackError, match=r"cannot be written.*[Ff]ree some space"),
        no_file_larger_than(4096),
    ):
        run(tmp_path / "a.jsonl", corpus(20))
    assert not (tmp_path / "a.jsonl").exists()


@pytest.mark.parametrize("machine", [{"in_flight": 0}, {"batch_tokens": "most"}])
def test_a_machine_that_cannot_be_is_refused(machine: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="write auto or an integer, 1 "):
        Engine(FakeVictim(), AttackSettings(RECIPES[0]), **machine)
