"""One check of a file against its SHA-256."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from seqattack.errors import BackendError
from seqattack.files.checksums import check_sha256


def test_a_wrong_or_missing_file_is_refused_with_a_cure(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(BackendError, match=r"file: missing .*f{64}\); copy it\."):
        check_sha256(path, "f" * 64, "copy it.")
    path.write_bytes(b"content")
    found = sha256(b"content").hexdigest()
    assert check_sha256(path, found, "copy it.") == check_sha256(path, None, "") == found
    with pytest.raises(BackendError, match=rf"^https://x: .* {found}, but f{{64}} is .*; copy"):
        check_sha256(path, "f" * 64, "copy it.", name="https://x")
