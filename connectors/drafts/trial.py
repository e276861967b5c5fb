"""Guesses tried on the records they were made from: what makes records unusable is given up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from connectors.drafts.guessing import Guess
from connectors.extraction import Language
from connectors.manifest.fields import Words
from connectors.manifest.mapping import RecordMapper
from connectors.manifest.rules import Rule
from connectors.manifest.tables import TableSpec
from connectors.manifest.targets import targets
from connectors.records import Rejected
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport

BEARABLE = 0.02
"""The share of records that one guess may make unusable."""
TRIED = 200
_RULES: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Rule])


@dataclass(frozen=True, slots=True)
class Trial:
    """The records, and what is known of them without guessing."""

    record: type[Record]
    language: Language
    raw: Sequence[Any]
    defaults: Mapping[str, Any]
    deleted: str | None = None

    def refute(self, guesses: Mapping[str, Guess]) -> dict[str, str]:
        """Fields whose guesses make more than one record in fifty unusable, and why; required ones are kept."""
        given_up: dict[str, str] = {}
        while True:
            left = {name: guess for name, guess in guesses.items() if name not in given_up}
            culprits = self._culprits(left)
            required = {name for name, target in targets(self.record).items() if target.required}
            worst = next(
                (one for one in culprits.most_common() if one[0][0] in left and one[0][0] not in required), None
            )
            if worst is None or worst[1] <= BEARABLE * len(self.raw[:TRIED]):
                return given_up
            (name, message), count = worst
            given_up[name] = f"{message} ({count} of {len(self.raw[:TRIED])} records)"

    def _culprits(self, guesses: Mapping[str, Guess]) -> Counter[tuple[str, str]]:
        rules = _RULES.validate_python({**self.defaults, **{name: one.rule for name, one in guesses.items()}})
        if "nativeId" not in rules:
            return Counter()
        tables = {
            name: TableSpec(values={value: code for value, (code, _) in table.items()})
            for guess in guesses.values()
            for name, table in guess.tables.items()
        }
        words, deleted = Words(self.language, tables), [self.deleted] if self.deleted else []
        mapper: Any = (
            RecordMapper(TrainingReport, rules, words, deleted=deleted)
            if self.record is TrainingReport
            else RecordMapper(ResourceRecord, rules, words, deleted=deleted)
        )
        found: Counter[tuple[str, str]] = Counter()
        for raw in self.raw[:TRIED]:
            outcome = mapper.map(raw)
            if isinstance(outcome, Rejected):
                found.update({(one.code.partition(".")[0], one.message[:120]) for one in outcome.findings[:5]})
        return found
