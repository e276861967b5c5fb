"""How credit stands in another region."""

from datetime import datetime
from decimal import Decimal

import strawberry

from gateway.graph.regions.types import Region
from gateway.graph.training.rules import CreditRule
from gateway.training import views
from schema.quality import RecognitionState


@strawberry.type
class CreditRecognition:
    """What a receiving region says of one ledger line."""

    region: Region
    state: RecognitionState
    hours: Decimal
    rule: CreditRule | None
    decided_at: datetime | None
    note: str | None

    @classmethod
    def of(cls, view: views.RecognitionView) -> "CreditRecognition":
        """The recognition of a line."""
        return cls(
            region=Region.known(view.region),
            state=view.state,
            hours=view.hours,
            rule=CreditRule.of(view.rule) if view.rule else None,
            decided_at=view.decided_at,
            note=view.note,
        )
