"""Archives are fetched once, whole and checked, and can't write outside their folder."""

from __future__ import annotations

import io
import tarfile
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from seqattack.cli.main import main
from seqattack.errors import BackendError
from seqattack.files.cache import cache_folder
from seqattack.files.fetch import RETRIES, Archive, fetch_archive, find_archive
from tests.helpers.local_server import serve


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # between two attempts
    return tmp_path / "cache"


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def link(name: str, target: str, kind: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


GOOD = tar(
    (tarfile.TarInfo("saved_model.pb"), b"graph"), (tarfile.TarInfo("variables/v"), b"numbers")
)


def refused(message: str) -> AbstractContextManager[Any]:
    return pytest.raises(BackendError, match=message)


def is_clean(cache: Path) -> bool:
    return not any(cache.iterdir()) if cache.exists() else True


def test_an_archive_is_downloaded_once() -> None:
    with serve({"/a.tar.gz": GOOD}) as server:
        archive = Archive(f"{server.address}/a.tar.gz", sha256(GOOD).hexdigest())
        assert find_archive(archive) is None
        folder = fetch_archive(archive)
        assert (folder / "variables" / "v").read_bytes() == b"numbers"
        assert fetch_archive(archive) == folder
        assert server.asked == ["/a.tar.gz"]
    assert find_archive(archive) == folder, "the server is gone"
    assert find_archive(Archive(archive.address)) == folder
    with refused("was fetched .* but 0{64} is expected. Delete"):
        find_archive(Archive(archive.address, "0" * 64))


def test_another_checksum_is_refused_before_anything_is_unpacked(cache: Path) -> None:
    expected = f"{sha256(GOOD).hexdigest()}, but f{{64}} is"
    with serve({"/a.tar.gz": GOOD}) as server, refused(expected):
        fetch_archive(Archive(f"{server.address}/a.tar.gz", "f" * 64))
    assert is_clean(cache)


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
    hostile: tuple[tarfile.TarInfo, bytes], cache: Path
) -> None:
    content = tar((tarfile.TarInfo("saved_model.pb"), b"graph"), hostile)
    with serve({"/a.tar.gz": content}) as server, refused("unpacked safely"):
        fetch_archive(Archive(f"{server.address}/a.tar.gz"))
    assert is_clean(cache)
    assert not list(cache.parent.rglob("outside"))


@pytest.mark.parametrize(
    "content", [b"<html>Sign in</html>", GOOD[: len(GOOD) // 2], b""], ids=["page", "cut", "empty"]
)
def test_what_is_no_archive_is_refused(content: bytes, cache: Path) -> None:
    with serve({"/a.tar.gz": content}) as server, refused("not a tar archive"):
        fetch_archive(Archive(f"{server.address}/a.tar.gz"))
    assert is_clean(cache)


def test_a_server_that_dies_midway_leaves_nothing_and_a_rerun_works(cache: Path) -> None:
    dying = serve({"/a.tar.gz": GOOD}, stop_after=40)
    with dying as server, refused("could not be downloaded .* run again"):
        fetch_archive(Archive(f"{server.address}/a.tar.gz"))
    assert is_clean(cache)
    with serve({"/a.tar.gz": GOOD}) as server:
        assert fetch_archive(Archive(f"{server.address}/a.tar.gz")).is_dir()


def test_a_failed_download_is_tried_again() -> None:
    with serve({}) as server:
        with refused("404"):
            fetch_archive(Archive(f"{server.address}/a.tar.gz"))
        assert server.asked == ["/a.tar.gz"] * (1 + RETRIES)


def test_an_address_without_a_file_is_an_error_with_a_cure() -> None:
    with serve({}) as server, refused("404 .* give its folder"):
        fetch_archive(Archive(f"{server.address}/a.tar.gz"))


def test_a_folder_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEQATTACK_CACHE", str(tmp_path / "file"))
    with serve({"/a.tar.gz": GOOD}) as server, refused("SEQATTACK_CACHE"):
        fetch_archive(Archive(f"{server.address}/a.tar.gz"))


def test_the_command_prints_the_checksum_to_pin(capsys: pytest.CaptureFixture[str]) -> None:
    with serve({"/a.tar.gz": GOOD}) as server:
        main(["fetch", f"{server.address}/a.tar.gz"])
    assert sha256(GOOD).hexdigest() in capsys.readouterr().out


def test_the_cache_is_the_user_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQATTACK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/seqattack")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder() == Path.home() / ".cache" / "seqattack"
