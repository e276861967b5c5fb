"""What caps count: hours that earlier records already got, by account of the credit bank."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from gateway.training.credit.cycles import cycle_of
from schema.credit import CapScope, CreditAccount
from schema.training import TrainingKind

Scope = tuple[object, ...]


class Tally:
    """Hours of one teacher over every scope; a cap counts all hours of its account, whichever rule gave them."""

    def __init__(self) -> None:
        self._hours: dict[Scope, Decimal] = defaultdict(Decimal)

    def add(self, account: CreditAccount, kind: TrainingKind, day: date, hours: Decimal) -> None:
        """Count hours of an activity that began on a day."""
        for scope in _scopes(account, kind, day).values():
            self._hours[scope] += hours

    def got(self, account: CreditAccount, kind: TrainingKind, day: date) -> Mapping[CapScope, Decimal]:
        """Hours so far over each scope in which an activity of this kind and day counts; of its own record none."""
        return {name: self._hours[scope] for name, scope in _scopes(account, kind, day).items()}


def _scopes(account: CreditAccount, kind: TrainingKind, day: date) -> dict[CapScope, Scope]:
    return {
        CapScope.KIND_PER_YEAR: (account, day.year, kind),
        CapScope.YEAR: (account, day.year),
        CapScope.CYCLE: (account, cycle_of(day)),
    }
