"""Loaders of training for one request and one principal: what many fields ask for is fetched once and together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from strawberry.dataloader import DataLoader

from gateway.graph.loaders import opened
from gateway.graph.training.ports import Training
from gateway.identity import Principal
from gateway.training.views import (
    CertificateView,
    EntryView,
    RecognitionView,
    RecordEventView,
    RecordView,
    SameActivityView,
    TeacherView,
)
from schema.credit import CreditRule

T = TypeVar("T")
_NAME = "the credit bank"


class TrainingLoaders:
    """One set for each request: personal data is never kept from one principal for another."""

    def __init__(self, training: Training | None, who: Principal) -> None:
        self._training = training
        self._who = who
        self.records: DataLoader[str, RecordView | None] = self._by_id(lambda of: of.records_by_id)
        self.teachers: DataLoader[str, TeacherView | None] = self._by_id(lambda of: of.teachers_by_id)
        self.history: DataLoader[str, Sequence[RecordEventView] | None] = self._by_id(lambda of: of.history)
        self.ledger: DataLoader[str, Sequence[EntryView] | None] = self._by_id(lambda of: of.ledger)
        self.awards: DataLoader[str, EntryView | None] = self._by_id(lambda of: of.awards)
        self.entries: DataLoader[str, EntryView | None] = self._by_id(lambda of: of.entries_by_id)
        self.recognitions: DataLoader[str, Sequence[RecognitionView] | None] = self._by_id(lambda of: of.recognitions)
        self.same_activity: DataLoader[str, SameActivityView | None] = self._by_id(lambda of: of.same_activity)
        self.certificates: DataLoader[str, CertificateView | None] = self._by_id(lambda of: of.certificates)
        self.certificates_by_id: DataLoader[str, CertificateView | None] = self._by_id(lambda of: of.certificates_by_id)
        self.rules: DataLoader[str, CreditRule | None] = _rules(training)

    @property
    def service(self) -> Training:
        """The service itself; raises NotReady where training is not open."""
        return opened(self._training, _NAME)

    def forget(self) -> None:
        """Let go of what an action may have changed: the fields after it tell what is true now."""
        for loader in (
            self.records,
            self.teachers,
            self.history,
            self.ledger,
            self.awards,
            self.entries,
            self.recognitions,
            self.same_activity,
            self.certificates,
            self.certificates_by_id,
        ):
            loader.clear_all()

    def _by_id(
        self, fetch: Callable[[Training], Callable[[Sequence[str], Principal], Awaitable[Mapping[str, T]]]]
    ) -> DataLoader[str, T | None]:
        training, who = self._training, self._who  # not the set itself, which would hold itself

        async def load(keys: list[str]) -> Sequence[T | None]:
            found = await fetch(opened(training, _NAME))(keys, who)
            return [found.get(key) for key in keys]

        return DataLoader(load)


def _rules(training: Training | None) -> DataLoader[str, CreditRule | None]:
    async def load(keys: list[str]) -> Sequence[CreditRule | None]:
        found = await opened(training, _NAME).rules_by_id(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load)
