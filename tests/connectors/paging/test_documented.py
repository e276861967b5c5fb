"""The examples in docs/manifest.md are ways of paging, and every kind is listed."""

import re
from pathlib import Path

import pytest
import yaml

from tests.connectors.paging.test_pagers import SPECS

REFERENCE = (Path(__file__).resolve().parents[3] / "docs" / "manifest.md").read_text("utf-8")
SECTION = REFERENCE.partition("\n### harvest.paging\n")[2].partition("\n### harvest.paging.maxPages\n")[0]


@pytest.mark.parametrize(
    ("number", "parameters"),
    [(0, {"pageNo": 1, "pageSize": 200}), (1, {"startDate": "2020-01-01", "endDate": "2020-01-31"})],
)
def test_the_examples_ask_for_their_first_page(number: int, parameters: dict[str, object]) -> None:
    blocks = re.findall(r"```yaml\n(paging:.*?)```", SECTION, re.DOTALL)
    assert len(blocks) == 2
    paging = SPECS.validate_python(yaml.safe_load(blocks[number])["paging"])
    assert paging.pager().start(None).parameters == parameters


def test_every_kind_is_listed() -> None:
    kinds = SECTION.partition("### harvest.paging.kind\n")[2].partition("\n### ")[0]
    listed = re.findall(r"^- `(\w+)`", kinds, re.MULTILINE)
    assert sorted(listed) == sorted(SPECS.json_schema()["discriminator"]["mapping"])
