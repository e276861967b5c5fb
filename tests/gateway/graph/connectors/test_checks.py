"""The check of a manifest, which anybody may ask for and nobody can make costly."""

import threading

from connectors.conformance import ManifestReport
from gateway.graph.connectors.manifests import MAX_MANIFEST
from schema.findings import Finding
from tests.gateway.graph.registry import BROKEN, MemoryConnectors, manifest
from tests.gateway.graph.world import World

CHECK = """
query($m: String!) {
  validateManifest(manifest: $m) {
    ok resolved findings { code severity line } coverage { field required mapped filled }
  }
}
"""


async def test_everybody_may_check_a_manifest() -> None:
    world = World()
    good = (await world.data(CHECK, {"m": manifest()}))["validateManifest"]
    assert good["ok"] is True
    assert "ERROR" not in {finding["severity"] for finding in good["findings"]}
    assert {"field": "title", "required": True, "mapped": True, "filled": None} in good["coverage"]
    assert '"zibo"' in good["resolved"]
    bad = (await world.data(CHECK, {"m": BROKEN}))["validateManifest"]
    assert bad["ok"] is False
    assert "ERROR" in {finding["severity"] for finding in bad["findings"]}
    assert world.connectors.entries == {}


async def test_a_manifest_too_large_or_checked_too_often_is_refused_before_it_is_read() -> None:
    world = World()
    largest = "#" * MAX_MANIFEST
    assert (await world.data(CHECK, {"m": largest}))["validateManifest"]["ok"] is False
    world.connectors.calls.clear()
    code, message = await world.refusal(CHECK, {"m": largest + "山"})
    assert code == "LIMIT_EXCEEDED"
    assert message == "manifest: a manifest may have 262144 bytes, this one has 262147"
    assert world.connectors.calls["check"] == 0
    often = " ".join(f"c{number}: validateManifest(manifest: $m) {{ ok }}" for number in range(5))
    body = await world.answer(f"query($m: String!) {{ {often} }}", {"m": BROKEN})
    assert [error["extensions"]["code"] for error in body["errors"]] == ["LIMIT_EXCEEDED"]
    assert world.connectors.calls["check"] == 4


class Pedant(MemoryConnectors):
    """Finds as many things wrong as it is told to."""

    findings = 1_000

    def check(self, manifest: str) -> ManifestReport:
        found = (Finding("manifest.unknownKey", f"unknown{at}", line=at + 1) for at in range(self.findings))
        return ManifestReport(source="manifest", ok=False, findings=tuple(found))


async def test_a_report_with_more_findings_than_anybody_reads_is_refused_with_the_first() -> None:
    pedant = Pedant()
    world = World(connectors=pedant)
    assert len((await world.data(CHECK, {"m": ""}))["validateManifest"]["findings"]) == 1_000
    pedant.findings = 1_001
    assert await world.refusal(CHECK, {"m": ""}) == (
        "LIMIT_EXCEEDED",
        "manifest: a report tells 1000 findings, this one has 1001; the first is of line 1: unknown0",
    )


class Crowded(MemoryConnectors):
    """Counts how many checks run at one time; each waits until another one has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.lock, self.running, self.most = threading.Lock(), 0, 0
        self.pair = threading.Barrier(2)

    def check(self, manifest: str) -> ManifestReport:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.pair.wait(timeout=30)
        with self.lock:
            self.running -= 1
        return super().check(manifest)


async def test_two_manifests_are_checked_at_one_time() -> None:
    crowd = Crowded()
    world = World(connectors=crowd)
    four = " ".join(f"c{number}: validateManifest(manifest: $m) {{ ok }}" for number in range(4))
    data = await world.data(f"query($m: String!) {{ {four} }}", {"m": manifest()})
    assert [one["ok"] for one in data.values()] == [True] * 4
    assert crowd.most == 2
