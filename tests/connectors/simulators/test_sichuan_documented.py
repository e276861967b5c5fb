"""What docs/ says of 四川云教 is what its simulator does."""

from graphql import build_schema, parse, print_schema, validate

from connectors.simulators.sichuan.app import SIMULATOR
from connectors.simulators.sichuan.execution import schema
from tests.connectors.simulators.clients import simulation
from tests.connectors.simulators.documentation import blocks, section

BUILD = SIMULATOR.build
TEXT = section("## 四川云教")


def test_the_documented_question_is_valid_and_the_schema_is_the_real_one() -> None:
    question, shown = blocks(TEXT, "graphql")
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
    assert {word for word in codes | others | places | set(faults.failures) if word not in TEXT} == set()
