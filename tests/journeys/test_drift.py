"""A platform that changes its records silently is found out by the next harvest."""

from pathlib import Path

from connectors.platforms import builtin_manifests
from connectors.simulators import SIMULATORS
from gateway.cli.simulation import simulators
from tests.journeys.gateway import running
from tests.journeys.partner import Partner, connector_id, partner_settings

DRIFT = "query D($id: ID!) { connector(id: $id) { drift { field kind message records } } }"
SIZE = 40
CHANGES = [
    {"field": "category", "kind": "WIDENED", "message": "category is list now too; it was text"},
    {"field": "category[]", "kind": "NEW", "message": "category[] is new, of type text"},
    {"field": "playAddress", "kind": "NEW", "message": "playAddress is new, of type text"},
    {"field": "playUrl", "kind": "MISSING", "message": "playUrl is gone; 100% of the records had it"},
]


async def test_renamed_and_retyped_fields_are_told_with_their_counts(tmp_path: Path) -> None:
    [manifest] = [path.read_text("utf-8") for path in builtin_manifests() if path.name == "zibo.yaml"]
    app = SIMULATORS["zibo"].build(size=SIZE)
    with simulators(size=10, apps={"zibo": app}) as reroutes:
        async with running(partner_settings(tmp_path, reroutes)) as client:
            partner = Partner(client)
            await partner.serve("zibo", manifest, SIMULATORS["zibo"].secrets)
            baseline = await partner.harvest("zibo")
            assert (baseline["state"], baseline["seen"]) == ("SUCCEEDED", SIZE)
            asked = {"id": connector_id("zibo")}
            assert (await partner.ask(DRIFT, **asked))["connector"]["drift"] == []
            app.state.simulation.faults.drift(
                rename={"playUrl": "playAddress"}, retype={"category": "list"}, path="/api/resource/list"
            )
            drifted = await partner.harvest("zibo")
            assert (drifted["state"], drifted["errorCode"]) == ("PARTIAL", "EMPTY_LISTING")
            assert (drifted["seen"], drifted["quarantined"], drifted["withdrawn"]) == (SIZE, SIZE, 0)
            told = (await partner.ask(DRIFT, **asked))["connector"]["drift"]
            assert told == [{**change, "records": SIZE} for change in CHANGES]
            app.state.simulation.faults.clear()
            mended = await partner.harvest("zibo")
            assert (mended["state"], mended["unchanged"]) == ("SUCCEEDED", SIZE)
            over = (await partner.ask(DRIFT, **asked))["connector"]["drift"]
            assert over == [{**change, "records": 0} for change in CHANGES]
