"""What docs/ says of 四川云教 is what its simulator does."""

import json
import re
from pathlib import Path

from graphql import build_schema, parse, print_schema, validate

from connectors.simulators.sichuan.app import SIMULATOR
from connectors.simulators.sichuan.execution import schema
from tests.connectors.simulators.clients import simulation

BUILD = SIMULATOR.build
DOCS = Path(__file__).resolve().parents[3] / "docs"
HEADING = "\n## 四川云教\n"


def section() -> str:
    """What the documentation says of this platform, whichever page holds it."""
    pages = [path.read_text("utf-8") for path in sorted(DOCS.glob("platforms*.md"))]
    (page,) = (page for page in pages if HEADING in page)
    return page.partition(HEADING)[2].partition("\n## ")[0]


def test_the_example_record_is_the_real_one() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", section(), flags=re.DOTALL)
    assert json.loads(block) == simulation(BUILD()).catalog.record(44)


def test_the_documented_question_is_valid_and_the_schema_is_the_real_one() -> None:
    question, shown = re.findall(r"```graphql\n(.*?)```", section(), flags=re.DOTALL)
    assert validate(schema(), parse(question)) == []
    assert print_schema(build_schema(shown)) == print_schema(schema())


def test_codes_failures_and_values_are_documented() -> None:
    faults = simulation(BUILD()).faults
    codes = {error["extensions"]["code"] for _, body in faults.failures.values() for error in body["errors"]}
    others = {
        "LIMIT_EXCEEDED",
        "BAD_USER_INPUT",
        "BAD_REQUEST",
        "NOT_FOUND",
        "QUERY_TOO_DEEP",
        "STATISTICS_UNAVAILABLE",
    }
    places = {"`token`", "/graphql", SIMULATOR.origins[0], SIMULATOR.secrets["token"]}
    assert {word for word in codes | others | places | set(faults.failures) if word not in section()} == set()
