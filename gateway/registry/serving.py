"""What is served: activating, going back, suspending and retiring."""

from sqlalchemy import Connection

from gateway.registry import lifecycle, sealed, store
from gateway.registry.actions import carry_out, change, leave_to_plugin
from gateway.registry.lifecycle import Action
from gateway.registry.ports import Resources
from gateway.registry.records import ConnectorOutcome
from gateway.registry.refusals import Refused, version_not_found

LONGEST_REASON = 1_000


async def activate(resources: Resources, platform: str, version: int | None, by: str) -> ConnectorOutcome:
    """Serve a version; activating the one that is served changes nothing."""

    def work(connection: Connection) -> None:
        connector = store.get(connection, platform)
        before = connector.standing
        number = lifecycle.resumable(before) if version is None else version
        lifecycle.require(before, Action.ACTIVATE)
        leave_to_plugin(resources, platform, connector.source)
        if store.version(connection, platform, number) is None:
            raise version_not_found(platform, number, before.newest)
        after = lifecycle.activated(before, number, store.verified_versions(connection, platform))
        if after != before:
            detail = {"before": before.active} if before.active != number else {}
            store.note(connection, platform, resources.clock(), by, Action.ACTIVATE, number, detail)
            change(connection, resources, platform, after)

    return await carry_out(resources, platform, work)


async def rollback(resources: Resources, platform: str, by: str) -> ConnectorOutcome:
    """Withdraw the canary, or go back to the version that was active before."""

    def work(connection: Connection) -> None:
        before = store.get(connection, platform).standing
        after = lifecycle.rolled_back(before, store.verified_versions(connection, platform))
        detail = {"canary": before.canary} if before.canary is not None else {"from": before.active}
        store.note(connection, platform, resources.clock(), by, Action.ROLLBACK, after.active, detail)
        change(connection, resources, platform, after)

    return await carry_out(resources, platform, work)


async def suspend(resources: Resources, platform: str, reason: str, by: str) -> ConnectorOutcome:
    """Stop serving, and keep why."""

    def work(connection: Connection) -> None:
        before = store.get(connection, platform).standing
        why = reason.strip()
        after = lifecycle.suspended(before, why)
        if not why or len(why) > LONGEST_REASON or not why.replace("\n", "").isprintable():
            raise Refused("INVALID_INPUT", f"reason: write 1 to {LONGEST_REASON} printable characters", "reason")
        store.note(connection, platform, resources.clock(), by, Action.SUSPEND, before.active, {"reason": why})
        change(connection, resources, platform, after)

    return await carry_out(resources, platform, work)


async def retire(resources: Resources, platform: str, by: str) -> ConnectorOutcome:
    """Stop serving for good and erase the sealed secrets."""

    def work(connection: Connection) -> None:
        before = store.get(connection, platform).standing
        after = lifecycle.retired(before)
        erased = sealed.erase(connection, platform)
        detail = {"secrets erased": erased}
        store.note(connection, platform, resources.clock(), by, Action.RETIRE, before.active, detail)
        change(connection, resources, platform, after)

    return await carry_out(resources, platform, work)
