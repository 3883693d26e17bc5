"""A changed byte of a run's file is noticed: by readers, by `seqattack verify`, by the plan."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqattack import integrity
from seqattack.cli.main import main
from seqattack.corpus import read_jsonl
from seqattack.errors import IntegrityError, SeqAttackError
from seqattack.integrity import (
    CARD,
    RECORDING,
    State,
    checksum_path,
    compare,
    examine,
    record_folder,
)
from seqattack.io import atomic_path, read_json, write_json, write_jsonl, write_text
from seqattack.metrics.scores import read_scored
from seqattack.models.checkpoints import publish
from seqattack.models.loading import check_folder
from seqattack.pipeline.damage import damaged_outputs, set_aside, verification
from seqattack.pipeline.layout import Layout
from seqattack.records import ShardError, read_records, read_shards
from seqattack.sentence import Sentence
from tests.helpers.corruption import flip
from tests.helpers.records import missed_record

FILES = 40


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write files as a job of the pipeline does."""
    monkeypatch.setenv(RECORDING, "1")


def run(folder: Path) -> Layout:
    """Write some of a run's files."""
    layout = Layout(folder / "results", folder / "figures")
    write_text(layout.subset, '{"id": "a"}\n')
    write_json(layout.attack("comparison", "full", "clare").summary, {"n": 1})
    write_json(layout.augmentation("clare").wave(0), {"is_last": True})
    write_text(layout.model("full") / "config.json", "{}")
    write_text(layout.figure("figure1", ".txt"), "A caption.\n")
    return layout


def test_the_checksum_is_that_of_sha256sum(recording: None, tmp_path: Path) -> None:
    write_text(tmp_path / "ö $x.txt", "text\n")
    checksum = checksum_path(tmp_path / "ö $x.txt")
    subprocess.run(["sha256sum", "--check", "--strict", checksum], cwd=tmp_path, check=True)


def test_only_jobs_of_the_pipeline_write_checksums(tmp_path: Path) -> None:
    write_text(tmp_path / "mine.txt", "text\n")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_that_is_written_again_keeps_a_right_checksum(
    recording: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also by a command that is no job of the pipeline; checkpoints have none."""
    path = tmp_path / "a.json"
    write_json(path, 1)
    monkeypatch.delenv(RECORDING)
    write_json(path, 2)
    assert compare(path).state is State.INTACT
    monkeypatch.setenv(RECORDING, "1")
    write_json(tmp_path / "full.work" / "state.json", 1)
    assert len(list((tmp_path / "full.work").iterdir())) == 1


def test_a_write_that_fails_leaves_file_and_checksum(recording: None, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, 1)
    with pytest.raises(SeqAttackError, match="NaN"):
        write_jsonl(path, [1, float("nan")])
    assert [each.state for each in examine(tmp_path)] == [State.INTACT]


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_one_flipped_bit_is_noticed_in_every_file(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    chance = random.Random(seed)
    folder = tmp_path_factory.mktemp("files")
    for number in range(FILES):
        (folder / f"{number:02}.bin").write_bytes(chance.randbytes(chance.randint(1, 5000)))
    record_folder(folder)
    touched = sorted(chance.sample(sorted(folder.glob("*.bin")), chance.randint(1, FILES)))
    for path in touched:
        flip(path, chance.randrange(5000), chance.randrange(8))
    found = list(examine(folder))
    assert [each.path for each in found if each.state is State.CHANGED] == touched
    assert len(found) == FILES


def test_a_changed_checksum_is_noticed(recording: None, tmp_path: Path) -> None:
    """Whichever of its bytes is another."""
    path = tmp_path / "a.json"
    write_json(path, 1)
    good = checksum_path(path).read_bytes()
    for place in range(len(good)):
        flip(checksum_path(path), place, place % 8)
        assert compare(path).state is State.CHANGED
        checksum_path(path).write_bytes(good)
    checksum_path(path).write_bytes(b"")
    assert compare(path).state is State.CHANGED


@pytest.mark.parametrize("read", [read_json, read_jsonl, read_scored, lambda p: [*read_records(p)]])
def test_readers_refuse_a_changed_file_and_say_what_to_do(
    recording: None, tmp_path: Path, read: object
) -> None:
    path = tmp_path / "a.jsonl"
    write_text(path, "{}\n")
    path.write_text("[]\n")
    with pytest.raises(IntegrityError, match=r"a\.jsonl: changed .* --accept .*a\.jsonl`"):
        read(path)  # type: ignore[operator]


def test_a_link_is_compared_with_the_checksum_of_its_file(recording: None, tmp_path: Path) -> None:
    write_json(tmp_path / "far" / "a.json", 1)
    (tmp_path / "near.json").symlink_to(tmp_path / "far" / "a.json")
    write_json(tmp_path / "near.json", 2)
    assert compare(tmp_path / "far" / "a.json").state is State.INTACT
    (tmp_path / "far" / "a.json").write_text("3")
    with pytest.raises(IntegrityError):
        read_json(tmp_path / "near.json")


def test_a_changed_shard_is_one_that_is_made_anew(recording: None, tmp_path: Path) -> None:
    path = tmp_path / "shard-0.jsonl"
    sentence = Sentence("test-0", ("Leeds", "won"), ("B-ORG", "O"))
    write_jsonl(path, [missed_record(sentence).to_json()])
    assert len(list(read_shards([path], 1, 1))) == 1
    path.write_text(path.read_text().replace('"queries":', '"queries":1'))
    with pytest.raises(ShardError, match="changed"):
        list(read_shards([path], 1, 1))


@pytest.mark.parametrize("damage", [lambda path: flip(path, 0, 0), Path.unlink])
def test_a_model_s_folder_is_checked_when_it_is_loaded(
    recording: None, tmp_path: Path, damage: object
) -> None:
    finished = tmp_path / "full.work" / "finished"
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        write_text(finished / name, "{}")
    publish(tmp_path / "full.work", tmp_path / "full", {"seconds": 1})
    check_folder(str(tmp_path / "full"))
    damage(tmp_path / "full" / "tokenizer.json")  # type: ignore[operator]
    with pytest.raises(IntegrityError, match=r"tokenizer\.json: (changed|missing)"):
        check_folder(str(tmp_path / "full"))


def test_a_card_is_no_part_of_its_model(recording: None, tmp_path: Path) -> None:
    """Who edits it has a changed file, and a model that loads and is not trained again."""
    layout = run(tmp_path)
    model = layout.model("full")
    write_text(model / CARD, "made\n")
    (model / CARD).write_text("mine\n")
    assert compare(model / CARD).state is State.CHANGED
    check_folder(str(model))
    assert list(damaged_outputs(layout)) == [str(layout.card("full"))]


def test_writers_of_one_file_do_not_meet(recording: None, tmp_path: Path) -> None:
    """One begins while another, such as the orphan of a killed run, is still at it."""
    path = tmp_path / "a.json"
    with atomic_path(path) as slow:
        slow.write_text("1")
        with integrity._written(slow, path) as first:
            first.write_text("half-")
            write_json(path, 2)
            assert compare(path).state is State.INTACT
            assert first.read_text() == "half-"
    assert compare(path).state is State.INTACT
    assert sorted(each.name for each in tmp_path.iterdir()) == [".a.json.sha256", "a.json"]
    assert checksum_path(path).stat().st_mode == path.stat().st_mode


def test_damaged_files_are_named_as_the_rules_name_them(recording: None, tmp_path: Path) -> None:
    layout = run(tmp_path)
    assert damaged_outputs(layout) == {}
    flip(layout.model("full") / "config.json", 0, 0)
    flip(layout.figure("figure1", ".txt"), 0, 0)
    layout.subset.unlink()
    expected = {layout.model("full"), layout.figure("figure1", ".txt"), layout.subset}
    assert set(damaged_outputs(layout)) == set(map(str, expected))
    assert verification(layout, [layout.subset]).intact == 2
    assert len(verification(layout, [layout.subset]).wrong) == 2


@pytest.mark.parametrize("place", ["models", "models/run", "models/models"])
def test_a_run_below_a_folder_called_models_is_no_model(
    recording: None, tmp_path: Path, place: str
) -> None:
    layout = Layout(tmp_path / place, tmp_path / "models" / "figures")
    one = Layout(layout.results / "seed-1")
    attack = layout.attack("comparison", "models", "clare")
    changed = (layout.subset, attack.summary, layout.figure("figure1", ".txt"), one.subset)
    for path in (*changed, layout.model("full") / "a", one.model("full") / "b" / "c"):
        write_text(path, "made\n")
        flip(path, 0, 0)
    expected = {*changed, layout.model("full"), one.model("full")}
    assert set(damaged_outputs(layout)) == set(map(str, expected))


def test_what_is_made_again_is_kept_aside(recording: None, tmp_path: Path) -> None:
    """And nothing else is touched: no rule would make it again."""
    layout = run(tmp_path)
    model, other = layout.model("full"), layout.figure("figure1", ".txt")
    flip(model / "config.json", 0, 0)
    flip(other, 0, 0)
    (said,) = set_aside(damaged_outputs(layout), {str(model)})
    assert "full.damaged" in said
    assert (model.with_name("full.damaged") / "config.json").is_file()
    assert not model.exists()
    assert other.is_file()
    assert set(damaged_outputs(layout)) == {str(other)}


def test_verify_names_what_does_not_fit(
    recording: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = run(tmp_path)
    results = str(layout.results)
    assert main(["verify", results]) == 0
    assert capsys.readouterr().out == "4 intact, 0 changed, 0 missing, 0 never recorded\n"
    flip(layout.subset, 3, 1)
    (layout.results / "README.md").write_text("mine\n")
    assert main(["verify", results]) == 1
    said = capsys.readouterr().out
    assert f"{layout.subset}: changed (SHA-256 " in said
    assert f"{layout.results}/README.md: never recorded\n" in said
    assert main(["verify", results, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["intact"] == 3
    assert [each["state"] for each in found["others"]] == ["never recorded", "changed"]
    assert main(["verify", "--accept", str(layout.subset)]) == 0
    assert main(["verify", results]) == 0


def test_old_results_are_not_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout = run(tmp_path)
    assert main(["verify", str(layout.results)]) == 0
    assert "No file here has a checksum" in capsys.readouterr().out
    assert read_json(layout.augmentation("clare").wave(0)) == {"is_last": True}


def test_verify_refuses_what_it_cannot_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = ([str(tmp_path / "no")], "no such file or folder")
    folder = (["--accept", str(tmp_path)], "a folder; name the files")
    for words, reason in (missing, folder):
        assert main(["verify", *words]) == 2
        error = capsys.readouterr().err
        assert reason in error
        assert error.count("\n") == 1
