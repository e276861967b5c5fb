"""Who asks, as the gateway sees them."""

from gateway.identity import ADMINISTRATOR
from tests.gateway.graph.training.facts import CHONGQING, THEMSELVES, node_id
from tests.gateway.graph.world import World

VIEWER = "{ viewer { name purpose grants { role region { code } } teacher { id name } } }"


async def test_without_credentials_the_viewer_is_nobody() -> None:
    data = await World().data(VIEWER)
    assert data["viewer"] == {"name": None, "purpose": None, "grants": [], "teacher": None}


async def test_a_principal_sees_their_name_roles_and_stated_purpose() -> None:
    data = await World().data(VIEWER, principal=CHONGQING)
    assert data["viewer"] == {
        "name": "officer-500000",
        "purpose": "TRAINING_ADMINISTRATION",
        "grants": [{"role": "TRAINING_OFFICER", "region": {"code": "500000"}}],
        "teacher": None,
    }
    data = await World().data(VIEWER, principal=ADMINISTRATOR)
    assert data["viewer"]["grants"] == [{"role": "ADMIN", "region": None}]


async def test_a_teacher_finds_themselves_and_that_is_noted() -> None:
    world = World()
    data = await world.data(VIEWER, principal=THEMSELVES)
    assert data["viewer"]["teacher"] == {"id": node_id("Teacher", "teacher-1"), "name": "教师甲"}
    assert world.audit.shown == {"Teacher:teacher-1": {"Teacher.name"}}
