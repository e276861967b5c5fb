"""The drop of training records: one file per half-year, in three packings and with a few broken lines."""

import csv
import functools
import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from connectors.simulators.catalog import DAY
from connectors.simulators.draw import Draw
from connectors.simulators.neijiang.schools import NEIJIANG_SCHOOLS
from connectors.simulators.simulation import CHINA
from connectors.simulators.training import TrainingFact, training_fact

COUNT = 900
INDEX = "index.json"
HEADER = (
    "记录编号",
    "教师编号",
    "活动名称",
    "活动类型",
    "级别",
    "形式",
    "角色",
    "学校",
    "开始日期",
    "结束日期",
    "数量",
    "单位",
    "结果",
    "状态",
    "版本",
    "更新时间",
)
KINDS = {"培训": "混合式培训", "教研": "跨学科协作", "轮岗": "岗位轮岗"}
FORMS = {"混合式培训": "线上线下混合", "岗位轮岗": "线下"}
GZIP, ZIP = "2023-1", "2023-2"
SHORT, LONG, CUT = "2022-2", "2024-1", "2025-1"
"""Files with a line that lacks columns, one that has too many, and one cut inside a quoted field at the very end."""
TERM_DAYS = 130
ZIPPED_AT = (2024, 1, 15, 8, 0, 0)


@dataclass(frozen=True, slots=True)
class DropFile:
    """One file: its bytes, when its newest record was updated, its media type."""

    content: bytes
    modified: datetime
    media_type: str = "text/csv"


@functools.cache
def drop_files(seed: int = 2026) -> Mapping[str, DropFile]:
    """The files by name, `<year>-<half>` with the endings `.csv`, `.csv.gz` or `.zip`, oldest first.

    A record lies in the half-year in which its activity ended.
    """
    facts = [training_fact(seed, "neijiang", n, COUNT, NEIJIANG_SCHOOLS) for n in range(COUNT)]
    halves: dict[str, list[TrainingFact]] = {}
    for fact in facts:
        day = _day(fact.ends)
        halves.setdefault(f"{day.year}-{1 if day.month < 7 else 2}", []).append(fact)
    return dict(_file(seed, half, members) for half, members in sorted(halves.items()))


def index(files: Mapping[str, DropFile]) -> dict[str, Any]:
    """`index.json`: name, size, SHA-256 and time of change of every file."""
    return {
        "files": [
            {
                "name": name,
                "size": len(file.content),
                "sha256": hashlib.sha256(file.content).hexdigest(),
                "modified": file.modified.isoformat(),
            }
            for name, file in files.items()
        ]
    }


def write_drop(directory: Path, seed: int = 2026) -> None:
    """Write the same files, `index.json` among them, into a local folder, which is made where it does not exist."""
    directory.mkdir(parents=True, exist_ok=True)
    files = drop_files(seed)
    for name, file in files.items():
        (directory / name).write_bytes(file.content)
    (directory / INDEX).write_bytes(orjson.dumps(index(files)))


def _file(seed: int, half: str, facts: Sequence[TrainingFact]) -> tuple[str, DropFile]:
    lines = [row(seed, fact) for fact in facts]
    middle = len(lines) // 2
    if half == SHORT:
        lines.insert(middle, lines[middle][:9])
    if half == LONG:
        lines.insert(middle, (*lines[middle], "多余"))
    text = _csv([HEADER, *lines])
    if half == CUT:
        text += f'NJ-{COUNT:04d},NJ-T2021-7,"写到一半的活动'
    modified = _day(max(fact.updated for fact in facts))
    if half == ZIP:
        content = _zipped(f"{half}.csv", text.encode("utf-8-sig"))
        return f"{half}.zip", DropFile(content, modified, "application/zip")
    plain = text.encode("gb18030")
    if half == GZIP:
        return f"{half}.csv.gz", DropFile(gzip.compress(plain, mtime=0), modified, "application/gzip")
    return f"{half}.csv", DropFile(plain, modified)


def row(seed: int, fact: TrainingFact) -> tuple[str, ...]:
    """One record as its line; a rotation lasts a term and counts as one item, one name in twenty has a line break."""
    kind = KINDS.get(fact.kind, fact.kind)
    rotation = kind == "岗位轮岗"
    starts = fact.starts - TERM_DAYS * DAY if rotation else fact.starts
    wraps = Draw(seed, "neijiang-wrap", fact.activity_number).chance(1, 20)
    name = fact.activity.replace(fact.kind, kind).replace("（", "\n（" if wraps else "（")
    return (
        f"NJ-{fact.number:04d}",
        f"NJ-{fact.teacher}",
        name,
        kind,
        fact.level,
        FORMS.get(kind, fact.form),
        fact.role,
        fact.school.name,
        _written(starts),
        _written(fact.ends),
        "1" if rotation else fact.quantity,
        "项" if rotation else fact.unit,
        "合格" if fact.passed else "不合格",
        fact.state,
        str(fact.version),
        _day(fact.updated).strftime("%Y-%m-%d %H:%M:%S"),
    )


def _csv(lines: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(lines)
    return buffer.getvalue()


def _zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, ZIPPED_AT), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _day(instant: int) -> datetime:
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA)


def _written(instant: int) -> str:
    day = _day(instant)
    return f"{day.year}年{day.month}月{day.day}日"
