"""What the credit bank learns of the catalog: review passed, pending, withdrawn or never heard of."""

from gateway.application.resource_states import AT_ONCE, CatalogStates
from gateway.storage import Database
from gateway.training.ports import ResourceState
from schema.parts import Review
from schema.quality import ReviewStatus
from tests.gateway.catalog.store import put, record, withdraw


async def filled(database: Database) -> None:
    await put(
        database,
        "chongqing",
        *(
            record(name, review=None if status is None else Review(status=status))
            for name, status in {
                "passed": ReviewStatus.APPROVED,
                "waiting": ReviewStatus.IN_REVIEW,
                "taken-back": ReviewStatus.WITHDRAWN,
                "silent": None,
                "gone": ReviewStatus.APPROVED,
            }.items()
        ),
    )
    await withdraw(database, "chongqing", "gone")


async def test_only_what_passed_review_and_is_still_listed_counts(database: Database) -> None:
    await filled(database)
    names = [("chongqing", name) for name in ("passed", "waiting", "taken-back", "silent", "gone", "never")]
    found = await database.transact(lambda connection: CatalogStates().states(connection, names))
    assert [found[name] for name in names] == [
        ResourceState.APPROVED,
        ResourceState.PENDING,
        ResourceState.WITHDRAWN,
        ResourceState.PENDING,
        ResourceState.WITHDRAWN,
        ResourceState.UNKNOWN,
    ]


async def test_more_names_than_one_statement_takes_are_all_answered(database: Database) -> None:
    await filled(database)
    names = [("chongqing", f"never-{number}") for number in range(AT_ONCE)] + [("chongqing", "passed")]
    found = await database.transact(lambda connection: CatalogStates().states(connection, names))
    assert len(found) == AT_ONCE + 1
    assert found["chongqing", "passed"] is ResourceState.APPROVED


async def test_changes_are_followed_in_their_order_and_in_portions(database: Database) -> None:
    await filled(database)
    states = CatalogStates()
    first, at = await database.transact(lambda connection: states.changed(connection, 0, 3))
    rest, end = await database.transact(lambda connection: states.changed(connection, at, 3))
    assert [name for _, name in first + rest] == ["passed", "waiting", "taken-back", "silent", "gone"]
    assert await database.transact(lambda connection: states.changed(connection, end, 3)) == ([], end)
