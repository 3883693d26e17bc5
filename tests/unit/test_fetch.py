"""Artefacts are fetched once, whole and checked, whatever the servers do meanwhile."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from seqattack.cli.main import main
from seqattack.errors import BackendError, ConfigError
from seqattack.files.artefacts import Artefact, Kind, artefacts, find_artefact
from seqattack.files.cache import cache_folder
from seqattack.files.fetch.download import RETRIES
from seqattack.files.fetch.fetching import (
    fetch_artefact,
    fetched_folder,
    find_fetched,
    is_fetched,
    why_unavailable,
)
from seqattack.files.fetch.hub import hub_cache, loaded_files
from tests.helpers.world import World, a_world

REVISION = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between two attempts
    return tmp_path / "cache"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(World({"/a.tar.gz": GOOD}), tmp_path) as served:
        yield served


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(*members: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
    return out.getvalue()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


GOOD = tar(
    (tarfile.TarInfo("saved_model.pb"), b"graph"),
    (tarfile.TarInfo("variables/v"), b"".join(sha256(b"%d" % n).digest() for n in range(20000))),
)


def archive(*addresses: str, known: str | None = None, version: str = "1") -> Artefact:
    files = {"archive": known} if known else {}
    return Artefact("thing", "A thing", Kind.ARCHIVE, version, addresses, files=files)


def refused(message: str) -> AbstractContextManager[Any]:
    return pytest.raises(BackendError, match=message)


def is_clean(cache: Path) -> bool:
    """Whether nothing of an archive is in the cache; halves of downloads may be."""
    names = {path.name for path in cache.rglob("*") if path.is_file()} if cache.exists() else set()
    return all(name.startswith("thing-1") for name in names) and not (cache / "thing-1").exists()


def test_an_archive_is_downloaded_once(world: World) -> None:
    artefact = archive(f"{world.address}/a.tar.gz", known=sha256(GOOD).hexdigest())
    assert find_fetched(artefact) is None
    with refused("run `seqattack fetch thing`"):
        fetched_folder(artefact)
    fetched = fetch_artefact(artefact)
    assert (fetched.folder / "saved_model.pb").read_bytes() == b"graph"
    assert fetched.files["saved_model.pb"] == sha256(b"graph").hexdigest()
    assert fetch_artefact(artefact) == find_fetched(artefact) == fetched
    assert world.asked == ["GET /a.tar.gz"]
    assert fetched_folder(artefact) == fetched.folder


def test_another_checksum_is_refused_before_anything_is_unpacked(world: World, cache: Path) -> None:
    with refused(f"{sha256(GOOD).hexdigest()}, but f{{64}} is"):
        fetch_artefact(archive(f"{world.address}/a.tar.gz", known="f" * 64))
    assert is_clean(cache)


def test_a_damaged_file_in_the_cache_is_named(world: World) -> None:
    artefact = archive(f"{world.address}/a.tar.gz")
    (fetch_artefact(artefact).folder / "saved_model.pb").write_bytes(b"grapf")
    with refused(r"saved_model.pb: its SHA-256 is .* delete .*thing-1 and fetch again"):
        fetch_artefact(artefact)


def test_what_came_first_is_remembered(world: World, cache: Path) -> None:
    artefact = archive(f"{world.address}/a.tar.gz")
    folder = fetch_artefact(artefact).folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    world.files["/a.tar.gz"] = tar((tarfile.TarInfo("saved_model.pb"), b"another"))
    with refused("saved_model.pb is not what was fetched the first time"):
        fetch_artefact(artefact)
    (cache / "checksums" / "thing-1.json").unlink()
    fetch_artefact(artefact)


@pytest.mark.parametrize("fault", ["missing", "wrong", "dying"])
def test_a_mirror_is_taken_where_the_first_address_fails(world: World, fault: str) -> None:
    world.files |= {"/first.tar.gz": GOOD}
    world.faults = {"first": fault}
    addresses = [f"{world.address}/{name}.tar.gz" for name in ("first", "a")]
    artefact = archive(*addresses, known=sha256(GOOD).hexdigest())
    assert fetch_artefact(artefact).folder.is_dir()


def test_a_download_that_broke_off_goes_on_where_it_was(world: World) -> None:
    world.faults = {"a.tar": "cut"}
    assert fetch_artefact(archive(f"{world.address}/a.tar.gz")).folder.is_dir()
    first, second = world.asked
    assert (first, second[:20]) == ("GET /a.tar.gz", "GET /a.tar.gz bytes=")
    assert 0 < len(GOOD) // 2 - int(second[20:-1]) < 100_000


def test_a_killed_download_goes_on_and_a_changed_file_starts_anew(world: World) -> None:
    artefact = archive(f"{world.address}/a.tar.gz", known=sha256(GOOD).hexdigest())
    world.faults = {"a.tar": "dying"}
    with refused("broke off"):
        fetch_artefact(artefact)
    asked = len(world.asked)
    assert asked == 1 + RETRIES
    world.faults = {}
    fetch_artefact(artefact)
    assert "bytes=" in world.asked[asked]


def test_half_of_another_file_is_never_taken(world: World) -> None:
    changed = tar((tarfile.TarInfo("saved_model.pb"), b"changed" * 9999))
    world.faults = {"a.tar": "dying"}
    with refused("broke off"):
        fetch_artefact(archive(f"{world.address}/a.tar.gz"))
    world.faults, world.files["/a.tar.gz"] = {}, changed
    folder = fetch_artefact(archive(f"{world.address}/a.tar.gz")).folder
    assert (folder / "saved_model.pb").read_bytes() == b"changed" * 9999


def test_a_server_that_sends_no_rest_is_asked_for_all_of_it(world: World) -> None:
    world.is_resumable = False
    world.faults = {"a.tar": "cut"}
    assert fetch_artefact(archive(f"{world.address}/a.tar.gz")).folder.is_dir()


@pytest.mark.parametrize(
    "hostile",
    [
        (tarfile.TarInfo("../outside"), b"x"),
        (tarfile.TarInfo("a/../../outside"), b"x"),
        (link("a", "/etc/passwd", tarfile.SYMTYPE), b""),
        (link("a", "../../outside", tarfile.SYMTYPE), b""),
        (link("a", "../outside", tarfile.LNKTYPE), b""),
        (link("a", "", tarfile.FIFOTYPE), b""),
    ],
    ids=lambda member: member[0].name + member[0].linkname,
)
def test_members_that_leave_the_folder_are_refused(
    world: World, hostile: tuple[tarfile.TarInfo, bytes], cache: Path
) -> None:
    world.files["/a.tar.gz"] = tar((tarfile.TarInfo("saved_model.pb"), b"graph"), hostile)
    with refused("unpacked safely"):
        fetch_artefact(archive(f"{world.address}/a.tar.gz"))
    assert is_clean(cache)
    assert not list(cache.parent.rglob("outside"))


def test_a_zip_is_unpacked_and_a_hostile_one_refused(world: World, cache: Path) -> None:
    world.files |= {"/good.zip": zipped(("scpn/vocab.txt", b"words"))}
    folder = fetch_artefact(archive(f"{world.address}/good.zip", version="2")).folder
    assert (folder / "scpn" / "vocab.txt").read_bytes() == b"words"
    symlink = zipfile.ZipInfo("link")
    symlink.external_attr = 0o120777 << 16
    for member in (("../outside", b"x"), (symlink, b"/etc/passwd")):
        world.files["/bad.zip"] = zipped(member)
        with refused("unpacked safely"):
            fetch_artefact(archive(f"{world.address}/bad.zip"))
    assert not list(cache.parent.rglob("outside"))


@pytest.mark.parametrize(
    "content", [b"<html>Sign in</html>", GOOD[: len(GOOD) // 2], b""], ids=["page", "cut", "empty"]
)
def test_what_is_no_archive_is_refused(world: World, content: bytes, cache: Path) -> None:
    world.files["/a.tar.gz"] = content
    with refused("not a tar or zip archive"):
        fetch_artefact(archive(f"{world.address}/a.tar.gz"))
    assert is_clean(cache)


def test_an_address_without_a_file_is_an_error_with_a_cure(world: World) -> None:
    address = f"{world.address}/none"
    with refused("(?s)answers 404 .*SEQATTACK_ARTEFACTS"):
        fetch_artefact(archive(address, "http://127.0.0.1:9/none"))
    assert world.asked == ["GET /none"], "a 404 is not asked again"
    assert why_unavailable(archive(address)) == f"{address} answers 404 Not Found"
    assert why_unavailable(archive(address, f"{world.address}/a.tar.gz")) is None
    assert "cannot be reached" in str(why_unavailable(archive("http://127.0.0.1:9/none")))


def test_a_certificate_that_nobody_vouches_for_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", world.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with refused("cannot be reached .*certificate"):
        fetch_artefact(archive("https://huggingface.co/a.tar.gz"))


def test_a_folder_that_cannot_be_written_is_named(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "file"))
    with refused("SEQATTACK_CACHE"):
        fetch_artefact(archive(f"{world.address}/a.tar.gz"))


def test_two_processes_fetch_once(world: World, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    described = {"title": "A thing", "kind": "archive", "version": "1", "licence": "free"}
    own.write_text(
        yaml.safe_dump({"thing": described | {"addresses": [f"{world.address}/a.tar.gz"]}})
    )
    environment = {"SEQATTACK_ARTEFACTS": str(own), "SEQATTACK_CACHE": str(tmp_path / "cache")}
    command = [sys.executable, "-m", "seqattack", "fetch", "thing"]
    world.faults = {"a.tar": "slow"}
    runs = [
        subprocess.Popen(command, env={"PATH": "", **environment}, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for run in runs:
        assert b"A thing: " in run.communicate()[0]
    assert world.asked == ["GET /a.tar.gz"]


# A model on the hub.

CONFIG, WEIGHTS = b'{"model_type": "bert"}', b"weights" * 999
MODEL = {"config.json": CONFIG, "model.safetensors": WEIGHTS, "pytorch_model.bin": b"pickled"}


@pytest.fixture
def hub(world: World) -> World:
    world.repositories |= {f"models/tester/tiny@{REVISION}": MODEL}
    return world


def fetch_from_hub(world: World, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Fetch in a process of its own: the hub's client reads its settings when it is imported."""
    environment = {
        "PATH": "",
        "HF_HOME": str(tmp_path / "hf"),
        "SEQATTACK_CACHE": str(tmp_path / "cache"),
        **world.environment(),
    }
    command = [sys.executable, "-m", "seqattack", "fetch", f"model:tester/tiny@{REVISION}", *more]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_model_is_fetched_from_the_hub_without_what_it_is_not_loaded_from(
    hub: World, tmp_path: Path
) -> None:
    output = tmp_path / "fetched.json"
    done = fetch_from_hub(hub, tmp_path, "--output", str(output))
    assert done.returncode == 0, done.stderr
    said = yaml.safe_load(output.read_text())
    assert said["files"] == {
        "config.json": sha256(CONFIG).hexdigest(),
        "model.safetensors": sha256(WEIGHTS).hexdigest(),
    }
    assert not any("pytorch_model" in each for each in hub.asked)
    asked = len(hub.asked)
    assert fetch_from_hub(hub, tmp_path).returncode == 0
    assert len(hub.asked) == asked, "what is in the cache needs no network"


def test_a_damaged_file_of_the_hub_is_refused(hub: World, tmp_path: Path) -> None:
    hub.faults = {"model.safetensors": "wrong"}
    done = fetch_from_hub(hub, tmp_path)
    assert done.returncode == 2
    assert "but the hub states" in done.stderr
    hub.faults = {}
    assert fetch_from_hub(hub, tmp_path).returncode == 0


def test_a_model_whose_download_broke_off_is_completed(hub: World, tmp_path: Path) -> None:
    hub.repositories[f"models/tester/tiny@{REVISION}"] = {**MODEL, "tokenizer.json": b"{}"}
    hub.faults = {"tokenizer.json": "missing"}
    assert fetch_from_hub(hub, tmp_path).returncode == 2
    # The rest of it is there, as where another program put it there.
    environment = {"PATH": "", "HF_HOME": str(tmp_path / "hf"), **hub.environment()}
    for name in ("config.json", "model.safetensors"):
        call = f"hf_hub_download('tester/tiny', {name!r}, revision={REVISION!r})"
        code = f"from huggingface_hub import hf_hub_download; {call}"
        subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    output = tmp_path / "fetched.json"
    hub.faults = {}
    assert fetch_from_hub(hub, tmp_path, "--output", str(output)).returncode == 0
    assert "tokenizer.json" in yaml.safe_load(output.read_text())["files"]


def test_weights_come_last(hub: World, tmp_path: Path) -> None:
    """So what broke off is never taken for whole where the hub cannot be asked later."""
    hub.repositories[f"models/tester/tiny@{REVISION}"] = {**MODEL, "tokenizer.json": b"{}"}
    hub.faults = {"tokenizer.json": "missing"}
    assert fetch_from_hub(hub, tmp_path).returncode == 2
    hub.faults = {"/api/": "missing"}
    assert fetch_from_hub(hub, tmp_path).returncode == 2
    hub.faults = {}
    assert fetch_from_hub(hub, tmp_path).returncode == 0


def test_without_a_hub_the_cache_is_taken_once(hub: World, tmp_path: Path) -> None:
    assert fetch_from_hub(hub, tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "cache")  # as where another program fetched it
    hub.faults = {"/api/": "missing"}
    assert fetch_from_hub(hub, tmp_path).returncode == 0
    hub.faults, asked = {}, len(hub.asked)
    assert fetch_from_hub(hub, tmp_path).returncode == 0
    assert len(hub.asked) > asked, "what may lack a file is compared with the hub's list"


INDEX = "model.safetensors.index.json"
PARTS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


@pytest.mark.parametrize(
    ("names", "is_there"),
    [
        (("config.json", "model.safetensors"), True),
        (("gliner_config.json", "pytorch_model.bin"), True),
        (("config.json", INDEX, *PARTS), True),
        (("config.json", INDEX, PARTS[0]), False),
        (("config.json", *PARTS), False),
        (("config.json", INDEX), False),
        (("config.json", "tokenizer.json"), False),
        (("model.safetensors",), False),
        ((), False),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, tuple) else "",
)
def test_what_the_hub_s_cache_has_is_known_by_its_files(
    names: tuple[str, ...], is_there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by the list of all files that the hub's client may have kept."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--tester--tiny"
    (folder / "snapshots" / REVISION).mkdir(parents=True)
    for name in names:
        (folder / "snapshots" / REVISION / name).write_text("{}")
    (folder / "trees").mkdir()
    sizes = {"size": 2, "blob_id": "0" * 40}
    listed = dict.fromkeys((*names, "pytorch_model.bin", "flax_model.msgpack"), sizes)
    listing = {"format_version": 1, "files": listed}
    (folder / "trees" / f"{REVISION}.json").write_text(json.dumps(listing))
    assert is_fetched(find_artefact(f"model:tester/tiny@{REVISION}")) == is_there


def test_a_repository_that_is_gone_is_named(world: World, tmp_path: Path) -> None:
    done = fetch_from_hub(world, tmp_path)
    assert done.returncode == 2
    assert "https://huggingface.co/tester/tiny: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"])
def test_the_hub_s_cache_is_its_client_s(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, str(tmp_path))
    code = "from huggingface_hub.constants import HF_HUB_CACHE; print(HF_HUB_CACHE)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Path(said.stdout.strip()) == hub_cache()


def test_without_safetensors_the_pickled_weights_are_fetched() -> None:
    names = ["config.json", "pytorch_model.bin", "tf_model.h5", "onnx/config.json"]
    assert loaded_files(names) == ["config.json", "pytorch_model.bin"]


# One's own list.


def test_one_s_own_list_adds_mirrors_and_checksums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("scpn: {addresses: ['https://mirror.example.org/scpn.zip']}\n")
    monkeypatch.setenv("SEQATTACK_ARTEFACTS", str(own))
    artefacts.cache_clear()
    try:
        assert find_artefact("scpn").addresses == ("https://mirror.example.org/scpn.zip",)
        assert find_artefact("scpn").megabytes == 150
        for text, message in (
            ("scpn: {mirrors: []}", "scpn has an unknown key 'mirrors'"),
            ("new: {title: x}", "new is not described well"),
            ("scpn: {addresses: https://a.org/x.zip}", "scpn.addresses: .* write a list of"),
            ("scpn: {addresses: [a.org/x.zip]}", "scpn.addresses: .* write a list of addresses"),
            ("scpn: {addresses: []}", r"scpn.addresses: \[\] is not allowed"),
            ("scpn: {version: 4}", "SEQATTACK_ARTEFACTS: scpn.version: 4 is not allowed; write a"),
            ("scpn: {licence: [MIT]}", r"scpn.licence: \['MIT'\] is not allowed"),
            ("scpn: {megabytes: many}", "scpn.megabytes: 'many' is not allowed"),
            ("scpn: {files: [a]}", "scpn.files: "),
            ("scpn: {files: {archive: 1}}", "scpn.files.archive: 1 is not allowed"),
            ("- scpn", "must map names"),
            ("{", "cannot be read"),
        ):
            own.write_text(text)
            artefacts.cache_clear()
            with pytest.raises(ConfigError, match=message):
                find_artefact("scpn")
    finally:
        monkeypatch.undo()
        artefacts.cache_clear()


def test_an_unknown_artefact_is_an_error_with_a_hint() -> None:
    with pytest.raises(ConfigError, match=r"did you mean 'scpn'.*model:NAME@REVISION"):
        find_artefact("scpnn")


def test_the_command_refuses_one_output_for_several(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fetch", "scpn", "languagetool", "--output", "x.json"]) == 2
    assert "--output describes one artefact" in capsys.readouterr().err


def test_the_cache_is_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQATTACK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/seqattack")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "seqattack"
