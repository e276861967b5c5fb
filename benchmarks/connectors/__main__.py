"""Map the records of simulated platforms and print what that costs, by protocol and by field.

    python -m benchmarks.connectors --records 5000 [--repeat 3]

"simulated" reads through the simulator in this process, its own work included; "mapped" plays its answers again from
memory: what is left is reading bodies, walking the listing, mapping and validating. No network is used. The best of the
repetitions counts. Of statements all that were read count, also those that are no training. Costs of fields are of
the rule alone, path, transforms and vocabulary, without validation.

"written" is the code that is written for a manifest, beside its rules; "seen" are records that came before. An answer
of 20 records is a whole search beside the network: request, credential, decoding, failure table and mapping.
"""

import argparse
import asyncio
import time
from collections.abc import Callable
from typing import Any

import orjson

from benchmarks.connectors.recorded import CASES, Case, Replay, connector, pages, raw_records, simulated
from benchmarks.connectors.searches import searches
from connectors.manifest import ManifestConnector
from connectors.manifest.fields import Words, compile_field
from connectors.manifest.notes import Notes
from connectors.manifest.targets import targets
from connectors.transport import Response, Transport

SHOWN = 8
"""Fields of a platform that are shown, the dearest."""


async def count(case: Case, speaker: ManifestConnector, transport: Transport) -> tuple[int, float]:
    """Records of a whole reading, and its seconds."""
    began, seen = time.perf_counter(), 0
    async for page in pages(case, speaker, transport):
        seen += len(page.accepted) + len(page.rejected) + len(page.deleted)
    return seen, time.perf_counter() - began


async def measure(case: Case, records: int, repeat: int) -> list[Response]:
    """Print the line of a case; the answers that were recorded."""
    speaker, recording = connector(case.platform), simulated(case.platform, records)
    seen, simulating = await count(case, speaker, recording)
    seen = statements(recording.answers) or seen
    mapping = min([(await count(case, speaker, Replay(recording.answers)))[1] for _ in range(repeat)])
    sizes = sum(len(answer.body) for answer in recording.answers)
    print(
        f"{case.label:<32}{seen:>9,}{sizes / 1e6:>9.1f}{seen / simulating:>12,.0f}{seen / mapping:>12,.0f}"
        f"{1e6 * mapping / seen:>11,.0f}",
        flush=True,
    )
    return recording.answers


def statements(answers: list[Response]) -> int:
    """How many xAPI statements the answers hold."""
    bodies = [orjson.loads(answer.body) for answer in answers if answer.body.startswith(b'{"statements"')]
    return sum(len(body["statements"]) for body in bodies)


def seconds(field: Callable[[Any, Notes], Any], records: list[Any], repeat: int) -> float:
    """The best time of a field over all records."""
    best = float("inf")
    for _ in range(repeat):
        notes = Notes()
        began = time.perf_counter()
        for record in records:
            field(record, notes)
        best = min(best, time.perf_counter() - began)
    return best


async def fields(case: Case, answers: list[Response], repeat: int) -> None:
    """Print what the fields of a platform cost."""
    speaker = connector(case.platform)
    harvest = speaker.document.harvest
    records = await raw_records(case, speaker, answers)
    words, known = Words(harvest.language, speaker.document.vocabularies), targets(harvest.target())
    costs = {
        name: 1e6 * seconds(compile_field(rule, known[name], words, name), records, repeat) / len(records)
        for name, rule in harvest.fields.items()
    }
    plain = {name: cost for name, cost in costs.items() if _only_a_path(harvest.fields[name])}
    print(
        f"\n{case.label}: {harvest.language.name}, {len(costs)} fields {sum(costs.values()):,.1f} µs a record, "
        f"a field that is only a path {sum(plain.values()) / len(plain):,.2f} µs"
    )
    for name, cost in sorted(costs.items(), key=lambda entry: -entry[1])[:SHOWN]:
        print(f"  {name:<20}{cost:>8.2f} µs")


def _only_a_path(rule: Any) -> bool:
    return rule.path is not None and not (rule.transform or rule.match or rule.fields or rule.vocabulary or rule.split)


async def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.connectors", description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--repeat", type=int, default=3)
    given = parser.parse_args()
    print(f"{'':<32}{'records':>9}{'MB':>9}{'simulated/s':>12}{'mapped/s':>12}{'µs each':>11}")
    answers = {case: await measure(case, given.records, given.repeat) for case in CASES}
    for case in CASES:
        if case.section == "harvest":
            await fields(case, answers[case], given.repeat)
    await searches(given.records, given.repeat)


if __name__ == "__main__":
    asyncio.run(main())
