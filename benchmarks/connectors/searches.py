"""What live searches cost beside the network: records mapped by rules, by written code, from memory, and seen."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.connectors.recorded import connector, context, simulated
from connectors.extraction import compile_expression
from connectors.manifest import ManifestConnector
from connectors.manifest.compiled import CompiledMapper, Sight
from connectors.manifest.fields import Words
from connectors.records import Accepted, LiveQuery
from connectors.simulators import SIMULATORS
from connectors.transport import Request, Response, Transport
from schema.resources import ResourceRecord

PLATFORMS = ("chongqing", "sichuan", "yuzhong", "zibo")
QUERY = LiveQuery("数学", {"stages": ("PRIMARY",)}, first=20)
FEWEST = 1_000
"""Records of a platform, so that the query finds enough of them."""
VARIANTS = 50
"""Answers that hold other records than the ones before, so that nothing is remembered of them."""


class Answers:
    """Gives answers again and again; what is asked elsewhere, such as a login, is answered as it was at first."""

    def __init__(self, path: str, answers: Iterator[Response], inner: Transport) -> None:
        self._path, self._answers, self._inner = path, answers, inner

    async def send(self, request: Request) -> Response:
        """The next answer."""
        return next(self._answers) if self._path in request.url else await self._inner.send(request)

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


def best(work: Callable[[], object], repeat: int) -> float:
    """The least CPU time of a piece of work, in microseconds."""
    times = []
    for _ in range(repeat):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1e6 * min(times)


def records_of(speaker: ManifestConnector, body: Any) -> list[Any]:
    """The records of an answer of the platform's search."""
    section: Any = speaker.document.search
    found = compile_expression(section.records)(body)
    return found if isinstance(found, list) else []


def mapping(speaker: ManifestConnector, records: Sequence[Any], secrets: tuple[str, ...], repeat: int) -> list[float]:
    """Microseconds for each record: by rules, by written code, where it came before, and at first sight."""
    harvest, search = speaker.document.harvest, speaker.document.search
    fields = (search.fields if search else None) or harvest.fields
    words = Words(harvest.language, speaker.document.vocabularies)
    mapper = CompiledMapper(ResourceRecord, fields, words, deleted=harvest.deletion_paths)
    sight = Sight(mapper, fields, words)
    sound = [record for record in records if isinstance(mapper.map(record, secrets), Accepted)]
    ways: list[Callable[[Any], object]] = [
        lambda record: mapper.rules.map(record, secrets),
        lambda record: mapper.map(record, secrets),
        lambda record: sight.map(record, secrets),
        lambda record: sight.see(record, secrets),
    ]
    return [best(lambda way=way: [way(one) for one in sound], repeat) / len(sound) for way in ways]  # type: ignore[misc]


async def answering(speaker: ManifestConnector, platform: str, answers: Sequence[Response], path: str) -> float:
    """The median CPU time of an answered search, in microseconds."""
    times = []
    transport = Answers(path, itertools.cycle(answers), simulated(platform, 10))
    world = context(platform, transport)
    for _ in range(2 * len(answers)):
        began = time.process_time()
        await speaker.search(world, QUERY)
        times.append(time.process_time() - began)
    return 1e6 * sorted(times)[len(times) // 2]


async def searches(records: int, repeat: int) -> None:
    """Print a line for every platform with a search of its own."""
    print(
        f"\n{'searches of 20, CPU µs':<24}{'by rules':>10}{'written':>10}{'times':>8}{'known':>8}{'seen':>8}"
        f"{'  answer of new':>16}{'of known':>10}"
    )
    for platform in PLATFORMS:
        speaker, recording = connector(platform), simulated(platform, max(records, FEWEST))
        await speaker.search(context(platform, recording), QUERY)
        last = recording.answers[-1]
        body = orjson.loads(last.body)
        secrets = tuple(SIMULATORS[platform].secrets.values())
        by_rules, written, known, seen = mapping(speaker, records_of(speaker, body), secrets, 10 * repeat)
        path = urlsplit(last.url).path
        new = await answering(connector(platform), platform, varied(speaker, last), path)
        old = await answering(connector(platform), platform, [last] * VARIANTS, path)
        print(
            f"{platform:<24}{by_rules:>10.1f}{written:>10.1f}{by_rules / written:>8.1f}{known:>8.1f}{seen:>8.1f}"
            f"{new:>16.0f}{old:>10.0f}",
            flush=True,
        )


def varied(speaker: ManifestConnector, answer: Response) -> list[Response]:
    """The same answer with a mark in every record, another one each time."""
    made = []
    for mark in range(VARIANTS):
        body = orjson.loads(answer.body)
        for record in records_of(speaker, body):
            record["mark"] = mark
        made.append(Response(answer.status, answer.headers, orjson.dumps(body), answer.url))
    return made
