"""Files as a manifest asks for them: over HTTP, by an index, out of a folder; pages, checkpoints, changes."""

import gzip
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError, Malformed, PagingError, Transient, UpstreamFailure
from connectors.manifest import read_manifest
from connectors.records import Checkpoint, HarvestPage, HarvestRequest
from connectors.simulators.neijiang.app import SIMULATOR
from connectors.simulators.neijiang.drop import write_drop
from connectors.transport import in_process
from schema.training import TrainingReport
from tests.connectors.files.workbooks import rows, workbook
from tests.connectors.manifest.manifests import FIELDS, HEAD
from tests.connectors.protocols.dropped_training import FROM_A_FOLDER, OVER_HTTP
from tests.connectors.protocols.platform import Scripted, connector, harvest, ids, json, resumed

ORIGIN = "https://api.example.org"


def manifest(section: str, fields: str = FIELDS) -> str:
    """The smallest manifest that reads files."""
    return f"{HEAD}harvest:\n  protocol: files\n{section}  fields:\n{fields}"


def table(*numbers: int) -> bytes:
    """A CSV file with these records."""
    return b"id,title\n" + b"".join(b"%d,title %d\n" % (number, number) for number in numbers)


def serving(files: Mapping[str, bytes | Any]) -> Scripted:
    """A platform with these files by their paths; what is no bytes is answered as JSON."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if target not in files:
            return json({"error": "no such file"}, 404)
        found = files[target]
        return Response(found) if isinstance(found, bytes) else json(found)

    return Scripted(answer)


def asked(platform: Scripted) -> list[str]:
    """What was asked for."""
    return [target for _, target, _, _ in platform.asked]


async def test_files_are_read_one_after_the_other() -> None:
    platform = serving({"/a.csv": table(1, 2), "/b.csv.gz?x=1": gzip.compress(table(3))})
    pages = await harvest(manifest("  files: [/a.csv, '/b.csv.gz?x=1']\n"), platform)
    assert [ids([page]) for page in pages] == [["1", "2"], ["3"]]
    assert asked(platform) == ["/a.csv", "/b.csv.gz?x=1"]
    assert platform.asked[0][3]["accept"] == "*/*"
    assert [page.checkpoint for page in pages] == [{"file": "/b.csv.gz?x=1", "record": 0}, {"done": 1}]
    assert [page.expected for page in pages] == [None, None]


LESSONS = rows(["id", "title"], [1, "一"])


@pytest.mark.parametrize(
    ("section", "body"),
    [
        ("  files: /f.csv\n", table(1)),
        ("  files: /f.json\n", b'[{"id": 1, "title": "t"}]'),
        ("  files: /f.json\n  format: {kind: json, records: a.b}\n", b'{"a": {"b": [{"id": 1, "title": "t"}]}}'),
        ("  files: /f.ndjson\n", b'{"id": 1, "title": "t"}\n'),
        ("  files: /f.json\n  format: concatenatedJson\n", b'{"id": 1,\n"title": "t"}'),
        ("  files: /f.xlsx\n", workbook(("s", LESSONS))),
        ("  files: /f.xlsx\n  format: {kind: xlsx, sheet: 课程}\n", workbook(("s", ""), ("课程", LESSONS))),
        ('  files: /f\n  format: {kind: csv, separator: "\\t", quote: null}\n', b"id\ttitle\n1\tt\n"),
        ("  files: /f.xml\n  format: {kind: xml, records: .//row}\n", b"<a><row><id>1</id><title>t</title></row></a>"),
    ],
)
async def test_every_format_maps_to_records(section: str, body: bytes) -> None:
    path = "/f" + section.partition("/f")[2].partition("\n")[0]
    [page] = await harvest(manifest(section), serving({path: body}))
    assert (ids([page]), page.rejected) == (["1"], ())


async def test_names_of_columns_need_no_quotes() -> None:
    fields = "    nativeId: 课程编号\n    title: 名称\n    kind: {constant: LESSON}\n"
    text = manifest("  files: /f.csv\n  encoding: GBK\n", fields)
    [page] = await harvest(text, serving({"/f.csv": "课程编号,名称\n7,勾股定理\n".encode("gb18030")}))
    assert [(item.record.native_id, item.record.title) for item in page.accepted] == [("7", "勾股定理")]


FEED = """\
<rss xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>c</title>
<item><guid>g-1</guid><title>第一课</title><link>https://p.example/1</link><description>&lt;p&gt;关于&lt;b&gt;数&lt;/b&gt;&lt;/p&gt;</description>
<pubDate>Fri, 15 Mar 2024 14:22:07 +0800</pubDate></item>
<item><title>第二课</title><link>https://p.example/2</link><pubDate>someday</pubDate></item></channel></rss>"""
ATOM = """\
<feed xmlns="http://www.w3.org/2005/Atom"><title>c</title>
<entry><id>urn:1</id><title>第一课</title><link rel="self" href="https://p.example/s"/><link href="https://p.example/1"/>
<summary>数</summary><published>2024-03-15T06:22:07Z</published><updated>2024-03-16T06:22:07Z</updated></entry></feed>"""
KIND = "    kind: {constant: LESSON}\n"


async def test_feeds_know_their_fields() -> None:
    [page] = await harvest(manifest("  files: /feed.rss\n", KIND), serving({"/feed.rss": FEED.encode()}))
    first, second = (item.record for item in page.accepted)
    assert (first.native_id, first.title, first.url, first.summary) == (
        "g-1",
        "第一课",
        "https://p.example/1",
        "关于数",
    )
    assert first.published_at == datetime(2024, 3, 15, 6, 22, 7, tzinfo=UTC)
    assert (second.native_id, second.published_at) == ("https://p.example/2", None)
    [page] = await harvest(manifest("  files: /f\n  format: {kind: atom}\n", KIND), serving({"/f": ATOM.encode()}))
    [record] = (item.record for item in page.accepted)
    assert (record.native_id, record.url, record.summary) == ("urn:1", "https://p.example/1", "数")
    assert record.updated_at == datetime(2024, 3, 16, 6, 22, 7, tzinfo=UTC)


async def test_a_broken_line_is_quarantined_and_reading_goes_on() -> None:
    body = b"id,title\n1,a\n2,secret-123,c\n3,\n4,d\n"
    platform = serving({"/f.csv": body})
    [page] = await harvest(manifest("  files: /f.csv\n"), platform, secrets={"key": "secret-123"})
    assert ids([page]) == ["1", "4"]
    assert [(item.native_id, item.findings[0].code, item.raw) for item in page.rejected] == [
        (None, "file.line", "2,•••,c\n"),
        ("3", "title.missing", '{"id":"3","title":""}'),
    ]
    assert page.rejected[0].findings[0].message == "/f.csv, line 3: 3 columns where 2 were due"


async def test_a_file_is_cut_into_pages_of_five_hundred() -> None:
    files = {"/a.csv": table(*range(1200)), "/b.csv": b"id,title\n", "/c.csv": table(*range(2000, 2500))}
    pages = await harvest(manifest("  files: [/a.csv, /b.csv, /c.csv]\n"), serving(files))
    assert [len(page.accepted) for page in pages] == [500, 500, 200, 0, 500]
    assert [page.checkpoint for page in pages] == [
        {"file": "/a.csv", "record": 500},
        {"file": "/a.csv", "record": 1000},
        {"file": "/b.csv", "record": 0},
        {"file": "/c.csv", "record": 0},
        {"done": 1},
    ]


async def test_what_stands_before_a_damage_is_read_and_kept() -> None:
    good = gzip.compress(table(*range(1200)))
    members = good + gzip.compress(b"".join(b"%d,title\n" % number for number in range(2000, 9000)))[:-4]
    pages: list[HarvestPage] = []
    context = ConnectorContext("example", in_process(serving({"/a.csv": members, "/b.csv": table(1)}).app), {})

    async def run() -> None:
        async for page in connector(manifest("  files: [/a.csv, /b.csv]\n")).harvest(context, HarvestRequest()):
            pages.append(page)  # noqa: PERF401

    with pytest.raises(Malformed, match=r"/a\.csv: the gzip file is damaged or cut off"):
        await run()
    assert [len(page.accepted) for page in pages] == [*[500] * 16, 200]
    assert pages[-1].checkpoint == {"file": "/a.csv", "record": 8200}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1300), st.sets(st.integers(0, 1300), max_size=4)), min_size=1, max_size=3))
async def test_resuming_at_any_checkpoint_gives_the_rest(sizes: list[tuple[int, set[int]]]) -> None:
    paths = [f"/{number}.csv" for number in range(len(sizes))]
    files = {}
    for path, (size, broken) in zip(paths, sizes, strict=True):
        lines = ["1,2,3" if number in broken else f"{path}-{number},t" for number in range(size)]
        files[path] = "\n".join(["id,title", *lines, ""]).encode()
    text = manifest(f"  files: [{', '.join(paths)}]\n")
    pages = await harvest(text, serving(files))
    whole = everything(pages)
    assert len(whole) == sum(size for size, _ in sizes)
    for number, page in enumerate(pages, 1):
        again = await harvest(text, serving(files), request=resumed(page.checkpoint))
        assert everything(again) == everything(pages[number:])


def everything(pages: list[HarvestPage]) -> list[str]:
    """Native ids and the raw text of what was rejected, page by page."""
    return [one for page in pages for one in (*ids([page]), *(item.raw for item in page.rejected))]


async def test_a_file_that_is_gone_or_another_starts_again() -> None:
    files = {"/a.csv": table(1), "/b.csv": table(2)}
    text = manifest("  files: [/a.csv, /b.csv]\n")
    assert ids(await harvest(text, serving(files), request=resumed({"file": "/old.csv", "record": 7}))) == ["1", "2"]
    assert ids(await harvest(text, serving(files), request=resumed({"file": "/b.csv", "record": 0}))) == ["2"]
    index = "  index: {path: /i, files: files, url: name, modified: at}\n  format: csv\n"
    listed = {"/i": {"files": [{"name": "/a.csv", "at": "2025-01-02T00:00:00Z"}]}, **files}
    stamp = "2025-01-02T00:00:00+00:00"
    checkpoints: list[Checkpoint] = [
        {"file": f"{ORIGIN}/a.csv", "record": 1, "modified": stamp},
        {"file": f"{ORIGIN}/a.csv", "record": 1, "modified": "2025-01-01T00:00:00+00:00"},
    ]
    found = [ids(await harvest(manifest(index), serving(listed), request=resumed(one))) for one in checkpoints]
    assert found == [[], ["1"]]


async def test_a_missing_file_ends_the_run_unless_it_may_be_missing() -> None:
    files = {"/a.csv": table(1), "/c.csv": table(3)}
    text = manifest("  files: [/a.csv, /b.csv, /c.csv]\n")
    with pytest.raises(UpstreamFailure, match=r"https://api\.example\.org/b\.csv: HTTP 404"):
        await harvest(text, serving(files))
    pages = await harvest(manifest("  files: [/a.csv, /b.csv, /c.csv]\n  missing: skip\n"), serving(files))
    assert [ids([page]) for page in pages] == [["1"], [], ["3"]]
    refused = Scripted(lambda request, body, number: json({}, 400))
    with pytest.raises(UpstreamFailure, match="HTTP 400"):
        await harvest(manifest("  files: /a.csv\n  missing: skip\n"), refused)


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\n<HTML><body>login</body>"])
async def test_a_page_for_people_is_no_file(page: bytes) -> None:
    with pytest.raises(Malformed, match=r"/a\.csv: is an HTML page where a file was due"):
        await harvest(manifest("  files: /a.csv\n"), serving({"/a.csv": page}))


async def test_an_index_may_list_addresses_alone_relative_to_itself_and_signed() -> None:
    files = {"/d/index": ["a.csv", "../b.csv?sign=s1", f"{ORIGIN}/c.csv"]}
    bodies = {"/d/a.csv": table(1), "/b.csv?sign=s1": table(2), "/c.csv": table(3)}
    platform = serving({**files, **bodies})
    pages = await harvest(manifest("  index: {path: /d/index}\n  format: csv\n"), platform)
    assert ids(pages) == ["1", "2", "3"]
    assert asked(platform) == ["/d/index", "/d/a.csv", "/b.csv?sign=s1", "/c.csv"]
    assert "s1" not in str([page.checkpoint for page in pages])


@pytest.mark.parametrize(
    ("index", "error", "said"),
    [
        ({"files": {}}, Malformed, r"holds no list of files at 'files' \(index\.files\)"),
        ({"files": [{"n": 1}]}, Malformed, r"an entry has no address at 'name' \(index\.url\)"),
        ({"files": [{"name": "a.csv"}, {"name": "./a.csv"}]}, PagingError, "lists a file twice"),
        ({"files": [{"name": "a.csv"}] * 10_001}, PagingError, "lists more than 10,000 files"),
        ({"files": [{"name": "https://evil.example/a.csv"}]}, PagingError, r"evil\.example"),
        ({"files": [{"name": "file:///etc/passwd"}]}, PagingError, "cannot be asked"),
    ],
)
async def test_an_index_that_cannot_be_used_is_refused(index: Any, error: type[ConnectorError], said: str) -> None:
    platform = serving({"/i": index})
    with pytest.raises(error, match=said):
        await harvest(manifest("  index: {path: /i, files: files, url: name}\n  format: csv\n"), platform)
    assert asked(platform) == ["/i"]


async def test_only_files_that_changed_are_read_where_the_index_says_when() -> None:
    listed: list[dict[str, Any]] = [
        {"name": "old.csv", "at": "2025-01-01T08:00:00"},
        {"name": "hour.csv", "at": "2025-03-01T07:30:00+08:00"},
        {"name": "new.csv", "at": 1_740_800_000},
        {"name": "newer.csv", "at": 1_740_800_000_000},
        {"name": "unsaid.csv", "at": "yesterday"},
    ]
    names = [entry["name"] for entry in listed]
    files = {"/i": listed, **{f"/{name}": table(number) for number, name in enumerate(names)}}
    text = manifest("  index: {path: /i, url: name, modified: at}\n  format: csv\n")
    since = HarvestRequest(since=datetime(2025, 3, 1, 0, 0, tzinfo=UTC))
    assert ids(await harvest(text, serving(files), request=since)) == ["1", "2", "3", "4"]
    assert ids(await harvest(text, serving(files))) == ["0", "1", "2", "3", "4"]
    shorter = text.replace("  format: csv", "  lookback: 60\n  format: csv")
    assert ids(await harvest(shorter, serving(files), request=since)) == ["2", "3", "4"]
    assert [capability.value for capability in sorted(connector(text).capabilities)] == ["HARVEST", "INCREMENTAL"]
    without = manifest("  index: {path: /i, url: name}\n  format: csv\n")
    assert ids(await harvest(without, serving(files), request=since)) == ["0", "1", "2", "3", "4"]
    assert [capability.value for capability in connector(without).capabilities] == ["HARVEST"]


@pytest.mark.parametrize("caps", ["maxPages: 1", "maxBytes: 20"])
async def test_a_run_meets_its_caps(caps: str) -> None:
    platform = serving({"/a.csv": table(1), "/b.csv": table(2), "/c.csv": table(3)})
    with pytest.raises(PagingError, match=f"paging.{caps.partition(':')[0]}"):
        await harvest(manifest(f"  files: [/a.csv, /b.csv, /c.csv]\n  caps: {{{caps}}}\n"), platform)
    assert len(platform.asked) < 3


# what the checks say


def findings(text: str) -> list[tuple[str, str | None]]:
    """Codes and pointers of errors."""
    return [(one.code, one.pointer) for one in read_manifest(text).findings if one.severity == "ERROR"]


@pytest.mark.parametrize(
    ("section", "pointer"),
    [
        ("  format: csv\n", "/harvest"),
        ("  files: /a.csv\n  folder: a.csv\n", "/harvest"),
        ("  index: {path: /i}\n", "/harvest/format"),
        ("  files: [/a.csv, /b.json]\n", "/harvest/format"),
        ("  files: a.csv\n", "/harvest/files"),
        ("  folder: ../a.csv\n", "/harvest/folder"),
        ("  files: /a.csv\n  encoding: klingon\n", "/harvest/encoding"),
        ("  files: /a.csv\n  format: csw\n", "/harvest/format"),
        ("  files: /a.csv\n  format: {kind: csv, seperator: ';'}\n", "/harvest/format"),
        ("  files: /a.xml\n", "/harvest/format"),
        ("  files: /a.xml\n  format: {kind: xml, records: '//['}\n", "/harvest/format/records"),
    ],
)
def test_a_manifest_that_cannot_work_is_told_where(section: str, pointer: str) -> None:
    found = findings(manifest(section))
    assert found
    assert all(str(where).startswith(pointer) for _, where in found), found


def test_the_format_is_that_of_the_names() -> None:
    for names, kind in (
        ("files: /a.csv", "csv"),
        ("files: [/a.csv, /b.txt.gz]", "csv"),
        ("files: /a.xlsx?v=1", "xlsx"),
        ("folder: nj/*.jsonl", "jsonLines"),
        ("index: {path: /i}\n  members: '*.json'", "json"),
    ):
        assert connector(manifest(f"  {names}\n")).document.harvest.format.kind == kind  # type: ignore[attr-defined]


# the drop of 内江


async def training(text: str, context: ConnectorContext, request: HarvestRequest) -> list[HarvestPage[TrainingReport]]:
    """The pages of training records."""
    return [page async for page in connector(text).training(context, request)]


@pytest.fixture
def over_http() -> ConnectorContext:
    """The simulator's drop."""
    return ConnectorContext("neijiang", in_process(SIMULATOR.build()), SIMULATOR.secrets)


@pytest.fixture
def from_a_folder(over_http: ConnectorContext, tmp_path: Path) -> ConnectorContext:
    """The same files in a folder, an hour later."""
    write_drop(tmp_path / "neijiang" / "training")
    return replace(over_http, folder=tmp_path, now=lambda: datetime.now(UTC) + timedelta(hours=1))


def check_training(pages: list[HarvestPage[TrainingReport]]) -> None:
    """Every good line is accepted, every broken one is not."""
    accepted = [item for page in pages for item in page.accepted]
    assert len(accepted) == len({item.record.native_id for item in accepted}) == 900
    assert [note for item in accepted for note in item.unmapped] == []
    rejected = [item.findings[0] for page in pages for item in page.rejected]
    assert [(one.code, one.message.rpartition("/")[2].split(",")[0], one.line, one.found) for one in rejected] == [
        ("file.line", "2022-2.csv", 68, "9 columns"),
        ("file.line", "2024-1.csv", 65, "17 columns"),
        ("file.line", "2025-1.csv", 116, None),
    ]
    assert [len(page.accepted) for page in pages] == FILES
    first = min((item.record for item in accepted), key=lambda record: record.native_id)
    assert (first.native_id, first.teacher_id, first.title) == (
        "NJ-0000",
        "NJ-T2022-187",
        "公安与司法区级混合式培训（2022年第8期）",
    )
    assert (str(first.quantity), first.unit, first.kind, first.form) == ("3.5", "HOUR", "COURSE", "BLENDED")


FILES = [114, 120, 114, 120, 114, 120, 114, 84]


async def test_training_records_of_neijiang_are_read_over_http(over_http: ConnectorContext) -> None:
    check_training(await training(OVER_HTTP, over_http, HarvestRequest()))


async def test_training_records_of_neijiang_are_read_from_a_folder(from_a_folder: ConnectorContext) -> None:
    pages = await training(FROM_A_FOLDER, from_a_folder, HarvestRequest())
    check_training(pages)
    assert [str((page.checkpoint or {}).get("file")).rpartition("/")[2] for page in pages[:3]] == [
        "2022-2.csv",
        "2023-1.csv.gz",
        "2023-2.zip",
    ]


async def test_an_incremental_run_reads_the_files_that_changed(over_http: ConnectorContext) -> None:
    pages = await training(OVER_HTTP, over_http, HarvestRequest(since=datetime(2025, 1, 2, tzinfo=UTC)))
    assert [len(page.accepted) for page in pages] == FILES[-2:]


async def test_a_file_that_is_still_written_waits(from_a_folder: ConnectorContext) -> None:
    assert from_a_folder.folder is not None
    late = from_a_folder.folder / "neijiang" / "training" / "2025-2.csv"
    soon = datetime.now(UTC) + timedelta(hours=1)
    os.utime(late, (soon.timestamp(), soon.timestamp()))
    with pytest.raises(Transient, match=r"2025-2\.csv: was changed less than 5 seconds ago"):
        await training(FROM_A_FOLDER, replace(from_a_folder, now=lambda: soon), HarvestRequest())
    part = HarvestRequest(since=soon - timedelta(hours=3))
    pages = await training(FROM_A_FOLDER, replace(from_a_folder, now=lambda: soon), part)
    assert [len(page.accepted) for page in pages] == FILES[:-1]
    later = replace(from_a_folder, now=lambda: soon + timedelta(seconds=5))
    assert [len(page.accepted) for page in await training(FROM_A_FOLDER, later, part)] == FILES
    later_still = HarvestRequest(since=soon + timedelta(minutes=30))
    assert [len(page.accepted) for page in await training(FROM_A_FOLDER, later, later_still)] == FILES[-1:]


async def test_without_a_drop_folder_nothing_is_read(over_http: ConnectorContext) -> None:
    with pytest.raises(UpstreamFailure, match="SHANHAI_DROP_DIR") as caught:
        await training(FROM_A_FOLDER, over_http, HarvestRequest())
    assert caught.value.platform == "neijiang"
