"""docs/manifest.md has a heading per key and a row per transform, and the tutorial's manifest runs."""

import re
from pathlib import Path

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance import CHECKS, check_manifest
from connectors.components import models_of
from connectors.manifest.json_schema import PUBLISHED, rendered
from connectors.manifest.model import ManifestDocument
from connectors.manifest.rules import FieldRule
from connectors.manifest.transforms import transform_names
from schema.access import Access
from tests.connectors.protocols.platform import Scripted, harvest, json

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = (ROOT / "docs" / "manifest.md").read_text("utf-8")
TUTORIAL = (ROOT / "docs" / "add-a-platform.md").read_text("utf-8")


def keys(model: type[BaseModel], prefix: str = "", seen: tuple[type[BaseModel], ...] = ()) -> set[str]:
    """Every key below a model, a field rule's own keys once."""
    found: set[str] = set()
    for name, info in model.model_fields.items():
        key = f"{prefix}{info.alias or name}"
        found.add(key)
        for inner in models_of(info):
            if inner not in (*seen, model, FieldRule) or (inner is FieldRule and model is not FieldRule):
                found |= keys(inner, f"{key}.", (*seen, model))
    return found


def test_every_key_has_a_heading_and_every_heading_is_a_key() -> None:
    headings = set(re.findall(r"^### (\S+)$", REFERENCE, re.MULTILINE))
    assert keys(ManifestDocument) - headings == set()
    assert headings - keys(ManifestDocument) == set()


def test_every_transform_has_a_row() -> None:
    assert re.findall(r"^\| `(\w+)` \|", REFERENCE, re.MULTILINE) == list(transform_names())


def test_every_code_of_a_finding_is_listed() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "connectors" / "manifest").glob("*.py"))
    codes = set(re.findall(r'"((?:manifest|record)\.[a-zA-Z]+)"', source)) | {check.code for check in CHECKS}
    assert {code for code in codes if f"`{code}`" not in REFERENCE} == set()


def test_the_json_schema_for_editors_is_the_generated_one() -> None:
    assert PUBLISHED.read_text("utf-8") == rendered(), "run python -m connectors.manifest.json_schema"


def snippet(language: str) -> str:
    """The only block of a language in the tutorial."""
    [found] = re.findall(rf"```{language}\n(.*?)```", TUTORIAL, re.DOTALL)
    return str(found)


def test_the_tutorial_s_manifest_is_without_findings() -> None:
    report = check_manifest(snippet("yaml"))
    assert report.findings == ()
    assert report.secret_names == ("jiangchengKey",)


async def test_the_tutorial_s_manifest_harvests_what_the_tutorial_shows() -> None:
    shown = orjson.loads(snippet("json"))
    [course] = shown["courses"]
    other = course | {"cid": 102, "name": "校内公开课", "scope": "teachers", "link": "/course/102"}
    gone = course | {"cid": 103, "removed": True}

    def answer(request: Request, body: bytes, number: int) -> Response:
        assert request.headers["x-api-key"] == "k-123456"
        return json(shown | {"courses": [course, other, gone]}) if number > 1 else json({"ok": False, "error": "BUSY"})

    platform = Scripted(answer)
    [page] = await harvest(snippet("yaml"), platform, secrets={"jiangchengKey": "k-123456"})
    assert [target for _, target, _, _ in platform.asked] == ["/v1/courses?per_page=50&page=1"] * 2
    first, second = (item.record for item in page.accepted)
    assert (first.native_id, first.title, first.kind.value) == ("101", "勾股定理的证明", "LESSON")
    assert (first.stages[0].value, first.grades[0].code, first.subjects[0].code) == (
        "JUNIOR_SECONDARY",
        "grade-8",
        "mathematics",
    )
    assert first.url == "https://www.jiangcheng.example/course/101"
    assert first.duration_seconds == 2400
    assert (first.access, second.access) == (Access.PUBLIC, Access.SCHOOL)
    assert (page.deleted, page.rejected, page.expected) == (("103",), (), 3)
