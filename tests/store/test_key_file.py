"""The file of the master keys: its owner's alone, and refused when it holds none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from store.key_file import NAME, KeyFile, KeyFileError


def test_the_file_is_its_owners_alone_and_is_not_made_anew(tmp_path: Path) -> None:
    file = KeyFile(tmp_path / NAME).make()
    first = file.read()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert KeyFile(tmp_path / NAME).make().read() == first
    file.add()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "abc", "zz" * 32, "ab" * 31])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / NAME
    path.write_text(content)
    with pytest.raises(KeyFileError, match=r"store\.keys holds no keys"):
        KeyFile(path).make()
