"""What a filter tells of the rows that it finds, without any field of them being selected."""

from collections.abc import Collection, Set

from gateway.graph.context import Info
from gateway.graph.training.shared import Personal
from gateway.training.questions import RecordFilter, TeacherQuestion

OF_TEACHERS = {
    "platforms": ("TrainingRecord.platform",),
    "native_id": ("Teacher.name", "Teacher.region", "Teacher.school"),
    "school": ("Teacher.school",),
    "below_requirement": ("Teacher.transcript",),
}
"""Coordinates by conditions of a question; an id of a platform tells who a teacher is."""
OF_RECORDS = {
    "platforms": ("TrainingRecord.platform",),
    "programs": ("TrainingRecord.program",),
    "kinds": ("TrainingRecord.kind",),
    "levels": ("TrainingRecord.level",),
    "roles": ("TrainingRecord.role",),
    "forms": ("TrainingRecord.form",),
    "recognition": ("TrainingRecord.award", "TrainingRecord.ledger"),
    "first": ("TrainingRecord.startsOn",),
    "last": ("TrainingRecord.startsOn",),
}
"""Coordinates by conditions of a filter; who sees either the award or the ledger may ask about recognition.

Regions and states are of no field that is withheld.
"""


def note_teachers(info: Info, question: TeacherQuestion, rows: Collection[Personal]) -> None:
    """Note of each teacher of a page the fields by which they were found."""
    asked = (names for condition, names in OF_TEACHERS.items() if getattr(question, condition) is not None)
    _note(info, "Teacher", {name for names in asked for name in names}, rows)


def note_records(info: Info, wanted: RecordFilter, rows: Collection[Personal]) -> None:
    """Note of each record of a page the fields by which it was found."""
    asked = (names for condition, names in OF_RECORDS.items() if getattr(wanted, condition) is not None)
    _note(info, "TrainingRecord", {name for names in asked for name in names}, rows)


def _note(info: Info, type_name: str, coordinates: Set[str], rows: Collection[Personal]) -> None:
    """Of each row count the coordinates that may be shown of it; where nobody is found, that is told too."""
    if not rows:
        info.context.disclosures.note_nobody(info.operation, coordinates)
    for row in rows:
        for coordinate in coordinates & row.decision.fields or coordinates:
            info.context.disclosures.note(info.operation, f"{type_name}:{row.id}", coordinate)
