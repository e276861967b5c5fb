"""The hostile sample: whatever it does, the harvest ends as documented, soon, and without telling a secret."""

import asyncio
import gc
import logging
import time
import tracemalloc
from collections.abc import Mapping

import pytest

from connectors.conformance import preview
from connectors.context import ConnectorContext
from connectors.errors import (
    ConnectorError,
    Malformed,
    PagingError,
    Timeout,
    Unreachable,
    UpstreamFailure,
)
from connectors.manifest import ManifestConnector, read_manifest
from connectors.records import HarvestPage, HarvestRequest
from connectors.samples import sample_manifests
from connectors.samples.hostile import ANSWERS, METADATA, RECORDS, Hostile
from connectors.transport import in_process
from schema.findings import Severity

TOKEN = "s3cret-Token-0123456789abcdef"
[TEXT] = [path.read_text("utf-8") for path in sample_manifests() if path.name == "hostile.yaml"]
SCALE = 20_000
MOST_BYTES = 400_000
SECONDS = 5.0
"""Of the processor, whatever else the machine does."""
PATIENCE = 60.0
MEGABYTES = 40
END: Mapping[str, tuple[type[ConnectorError], str, int]] = {
    "drip": (Timeout, "no complete answer within 0.2 seconds", 1),
    "hang": (Timeout, "no complete answer within 0.2 seconds", 1),
    "reset": (Unreachable, "it broke", 1),
    "endless": (PagingError, "50 pages", 50),
    "circle": (PagingError, "second time", 4),
    "same": (PagingError, "second time", 2),
    "astray": (PagingError, "handed out an address at http://169.254.169.254", 1),
    "longAddress": (PagingError, "handed out an address", 1),
    "redirect": (UpstreamFailure, "HTTP 302", 1),
    "echo": (UpstreamFailure, "bad token •••  \\[31m  •••!", 1),
    "echoType": (Malformed, "x/••• where JSON was due", 1),
    "bomb": (Malformed, "more than 400000 bytes", 1),
    "large": (Malformed, "more than 400000 bytes", 1),
    "notGzip": (Malformed, "not 'gzip' as its header says", 1),
    "html": (Malformed, "an HTML page where JSON was due", 1),
    "gbk": (Malformed, "not valid UTF-8", 1),
    "surrogate": (Malformed, "surrogate", 1),
    "rawSurrogate": (Malformed, "not valid UTF-8", 1),
    "nan": (Malformed, "JSON was due", 1),
    "infinite": (Malformed, "infinity", 1),
    "deepest": (Malformed, "depth limit", 1),
    "truncated": (Malformed, "end of data", 1),
    "noList": (Malformed, "a list was due", 1),
    "nextIsNoText": (PagingError, "not text but an object", 1),
}
KEPT: Mapping[str, tuple[list[str], list[str]]] = {
    "duplicates": (["twin", "twin"], []),
    "nested": ([], ["record.tooDeep", "record.notAnObject"]),
    "longText": (["longSummary"], ["title.tooLong", "nativeId.tooLong", "nativeId.missing"]),
    "nul": ([], ["title.invalid", "nativeId.invalid", "title.missing"]),
    "script": (["script"], []),
    "echoes": (["echoWord"], ["record.skipped", "updatedAt.invalid", "title.missing"]),
    "paths": (["../../etc/passwd", "..", "a/../b?c#d"], []),
    "numbers": (["1000000000000000000", "-1", "1.5"], ["durationSeconds.invalid"] * 3),
    "dates": ([], ["updatedAt.invalid"] * 5),
    "lists": (["manyWords", "manySubjects", "manyKeys"], []),
    "strangers": ([], ["record.notAnObject"] * 5 + ["nativeId.missing", "nativeId.invalid", "title.invalid"]),
    "deletions": ([], ["nativeId.invalid", "nativeId.missing"]),
}


def connector() -> ManifestConnector:
    """That of the sample manifest, with less patience."""
    reading = read_manifest(TEXT.replace("timeoutSeconds: 5", "timeoutSeconds: 0.2"))
    assert reading.connector is not None, reading.findings
    return reading.connector


def context(platform: Hostile) -> ConnectorContext:
    """The platform at hand."""
    return ConnectorContext("hostile", in_process(platform, max_bytes=MOST_BYTES), {"hostileToken": TOKEN})


async def harvest(platform: Hostile) -> tuple[list[HarvestPage], ConnectorError | None]:
    """What came, and what ended it."""
    pages: list[HarvestPage] = []
    try:
        async with asyncio.timeout(PATIENCE):
            async for page in connector().harvest(context(platform), HarvestRequest()):
                pages.append(page)  # noqa: PERF401  # what came before an error counts
    except ConnectorError as error:
        return pages, error
    return pages, None


def test_its_manifest_is_a_good_one() -> None:
    reading = read_manifest(TEXT)
    assert [finding for finding in reading.findings if finding.severity is not Severity.INFO] == []
    assert (reading.secret_names, reading.origins) == (("hostileToken",), ("https://hostile.example",))


def test_every_behavior_has_an_end_here() -> None:
    assert (set(ANSWERS), set(RECORDS)) == (set(END), set(KEPT))


@pytest.mark.parametrize("behavior", END)
async def test_a_spoiled_answer_ends_the_harvest_as_documented(behavior: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kind, words, asked = END[behavior]
    platform = Hostile(behavior, scale=SCALE)
    pages, error = await harvest(platform)
    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert error.platform == "hostile"
    assert len(str(error)) <= 1_000
    assert str(error).isprintable()
    assert len(platform.asked) == asked
    assert platform.token == TOKEN
    assert TOKEN not in f"{error!r} {pages!r} {caplog.text}"
    assert all(METADATA not in target for target in platform.asked)


@pytest.mark.parametrize("behavior", KEPT)
async def test_spoiled_records_harm_no_others(behavior: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kept, refused = KEPT[behavior]
    platform = Hostile(behavior, scale=SCALE // 10 if behavior == "lists" else SCALE)
    [page], error = await harvest(platform)
    assert error is None
    assert [one.record.native_id for one in page.accepted] == ["first", *kept, "last"]
    assert [one.findings[0].code for one in page.rejected] == refused
    assert page.deleted == (("gone",) if behavior == "deletions" else ())
    assert all(len(one.raw.encode()) <= 64 * 1024 for one in page.rejected)
    assert all(len(finding.message) <= 1_000 for one in page.rejected for finding in one.findings)
    assert "\0" not in "".join(f"{one.native_id}" for one in page.rejected)
    assert TOKEN not in f"{page!r} {caplog.text}"


async def test_what_it_writes_into_texts_is_text() -> None:
    [page], _ = await harvest(Hostile("script"))
    record = page.accepted[1].record
    assert (record.title, record.summary) == ("<script>alert(1)</script>标题", "好")


async def test_its_ids_make_no_addresses_but_those_below_the_path() -> None:
    [page], _ = await harvest(Hostile("paths"))
    assert [one.record.url for one in page.accepted[1:-1]] == [
        "https://hostile.example/lessons/..%2F..%2Fetc%2Fpasswd",
        None,
        "https://hostile.example/lessons/a%2F..%2Fb%3Fc%23d",
    ]


@pytest.mark.parametrize("behavior", [*END, *KEPT])
async def test_a_preview_of_it_tells_no_secret_and_raises_nothing(behavior: str) -> None:
    platform = Hostile(behavior, scale=2_000 if behavior == "lists" else SCALE)
    shown = await preview(connector(), context(platform), limit=10)
    ended = behavior in END and behavior != "endless"  # of that one ten records are soon seen
    assert (shown.failure.code if shown.failure else None) == (END[behavior][0].code if ended else None)
    assert TOKEN not in repr(shown)
    assert len(shown.requests) == len(platform.asked)


@pytest.mark.parametrize("behavior", ["bomb", "large", "deepest", "longText", "lists", "longAddress"])
async def test_what_is_large_costs_little(behavior: str) -> None:
    platform = Hostile(behavior, scale=3_000 if behavior == "lists" else 60_000)
    gc.collect()
    tracemalloc.start()
    began = time.process_time()
    try:
        await harvest(platform)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEGABYTES * 1024**2
    assert time.process_time() - began < SECONDS
