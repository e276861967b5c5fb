"""Records that hold a national id are refused before anything of them is stored."""

from dataclasses import replace

from connectors.records import Accepted, HarvestPage, Rejected
from schema.findings import Finding
from schema.national_ids import has_national_id
from schema.training import TrainingReport

_REFUSAL = Finding(
    "training.national_id",
    "the record holds a national id, which is never stored",
    expected="a pseudonym of the teacher, such as T2021-374",
    suggestion="map another field to teacherId, and leave out texts with numbers of people",
)


def screened(page: HarvestPage[TrainingReport]) -> HarvestPage[TrainingReport]:
    """The page with such records among its rejects; their raw form is still to be masked."""
    telling = [item for item in page.accepted if _tells(item)]
    if not telling:
        return page
    refused = tuple(Rejected(item.record.native_id, (_REFUSAL,), item.record.to_json().decode()) for item in telling)
    sound = tuple(item for item in page.accepted if item not in telling)
    return replace(page, accepted=sound, rejected=page.rejected + refused)


def _tells(item: Accepted[TrainingReport]) -> bool:
    texts = (item.record.to_json().decode(), *(note.value for note in item.unmapped))
    return any(has_national_id(text) for text in texts)
