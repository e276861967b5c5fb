"""The drop folder: what matches, what is not finished, and what leads out of it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from connectors.errors import Transient, UpstreamFailure
from connectors.files import DropPattern, dropped

PATTERNS: TypeAdapter[str] = TypeAdapter(DropPattern)


def put(root: Path, *names: str) -> None:
    """Files that hold their own names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)


def test_files_that_match_come_sorted_by_name(tmp_path: Path) -> None:
    put(tmp_path, "nj/b.csv", "nj/a.csv", "nj/sub/c.csv", "nj/a.txt", "yz/a.csv", "nj/10.csv", "nj/2.csv")
    found = dropped(tmp_path, "nj/*.csv")
    assert [file.name for file in found] == ["nj/10.csv", "nj/2.csv", "nj/a.csv", "nj/b.csv"]
    assert [file.read() for file in found] == [b"nj/10.csv", b"nj/2.csv", b"nj/a.csv", b"nj/b.csv"]
    assert [file.name for file in dropped(tmp_path, "*/[ac].csv")] == ["nj/a.csv", "yz/a.csv"]


def test_hidden_and_unfinished_files_are_passed_over(tmp_path: Path) -> None:
    put(tmp_path, "nj/.a.csv", "nj/a.csv.part", "nj/b.tmp", "nj/c.csv.filepart", "nj/d.csv", ".git/e.csv")
    assert [file.name for file in dropped(tmp_path, "nj/*")] == ["nj/d.csv"]
    with pytest.raises(UpstreamFailure, match=r"nothing in the drop folder \(SHANHAI_DROP_DIR\) is named \*/e\.csv"):
        dropped(tmp_path, "*/e.csv")


def test_without_a_drop_folder_the_setting_is_named() -> None:
    with pytest.raises(UpstreamFailure, match=r"the operator has set none \(SHANHAI_DROP_DIR\)"):
        dropped(None, "a.csv")


@pytest.mark.parametrize(
    "pattern", ["/etc/passwd", "../a", "a/../../b", "a\\b", "C:/a", "", "a//b", "./a", "**/a", "~/a", "a\0b", "a/"]
)
def test_patterns_that_lead_elsewhere_are_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        PATTERNS.validate_python(pattern)


def test_links_that_lead_out_are_refused_and_nothing_is_read(tmp_path: Path) -> None:
    inside, outside = tmp_path / "drop", tmp_path / "secrets"
    put(outside, "a.csv")
    put(inside, "nj/good.csv")
    (inside / "nj" / "a.csv").symlink_to(outside / "a.csv")
    (inside / "elsewhere").symlink_to(outside)
    for pattern, name in (("nj/*.csv", "nj/a.csv"), ("elsewhere/*.csv", "elsewhere"), ("*/a.csv", "elsewhere")):
        with pytest.raises(UpstreamFailure, match=f"{name} leads out of the drop folder"):
            dropped(inside, pattern)
    assert [file.read() for file in dropped(inside, "nj/good.csv")] == [b"nj/good.csv"]


def test_links_inside_the_folder_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "store/1.csv")
    (tmp_path / "latest.csv").symlink_to(tmp_path / "store" / "1.csv")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nothing")
    assert [file.read() for file in dropped(tmp_path, "*.csv")] == [b"store/1.csv"]
    with pytest.raises(Transient, match=r"dangling\.txt: the file cannot be read"):
        dropped(tmp_path, "*.txt")


def test_only_ordinary_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UpstreamFailure, match=r"pipe\.csv is no ordinary file"):
        dropped(tmp_path, "*.csv")


def test_a_file_that_vanished_is_tried_again_later(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    [file] = dropped(tmp_path, "a.csv")
    (tmp_path / "a.csv").unlink()
    with pytest.raises(Transient, match="No such file"):
        file.read()


def test_a_file_put_here_by_a_copy_that_keeps_times_counts_as_new(tmp_path: Path) -> None:
    put(tmp_path, "a.csv")
    os.utime(tmp_path / "a.csv", (0, 0))
    [file] = dropped(tmp_path, "a.csv")
    assert file.modified == datetime.fromtimestamp((tmp_path / "a.csv").stat().st_ctime, UTC)
