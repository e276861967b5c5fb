"""Who may ask for a summary and of which regions; questions that cannot be answered say what could be asked."""

from sqlalchemy import ColumnElement, or_

from gateway.errors import Forbidden, InvalidInput, LimitExceeded
from gateway.identity import Principal, Role
from gateway.training.credit.rules import known_region
from gateway.training.questions import SummaryQuestion
from gateway.training.reading.by_id import RECORDS
from gateway.training.reading.conditions import check_filter
from gateway.training.reading.expressions import within
from gateway.training.reading.scopes import is_inside

MOST_ROWS = 1_000
PEOPLE, REPORTED, HOURS = MEASURES = ("training_teachers", "training_records", "training_hours")
ROLES = (Role.ANALYST, Role.TRAINING_OFFICER, Role.ADMIN)


def check_question(question: SummaryQuestion) -> None:
    """Raise InvalidInput or LimitExceeded for what cannot be asked."""
    if not 0 <= question.first <= MOST_ROWS:
        raise LimitExceeded(f"first: {question.first} is not between 0 and {MOST_ROWS}")
    _check_names("measures", question.measures, MEASURES)
    _check_names("groupBy", tuple(str(one) for one in question.group_by), ())
    if not question.measures:
        raise InvalidInput(f"measures: name at least one of {', '.join(MEASURES)}")
    if question.order is not None and question.order[0] not in question.measures:
        raise InvalidInput(
            f"orderBy: {question.order[0][:100]!r} is not among the measures asked for: {', '.join(question.measures)}"
        )
    if question.filter.recognition is not None:
        raise InvalidInput("filter.recognition: a summary cannot be asked by recognition; list the records instead")
    check_filter(question.filter)


def region_condition(question: SummaryQuestion, who: Principal) -> ColumnElement[bool]:
    """Where the records lie that a principal may have counted; raises Forbidden where there are none."""
    granted = who.regions_of(*ROLES)
    if not granted:
        raise Forbidden(
            "trainingSummary: analysts, training officers and administrators may have records counted, in the regions "
            "of their grants; ask with a key that has one of these roles"
        )
    if question.filter.regions is None:
        return or_(*(within(RECORDS.c.region, grant) for grant in granted))
    wanted = [known_region(code)[-1] for code in question.filter.regions]
    narrower = [code for code in wanted if any(is_inside(code, grant) for grant in granted)]
    inside = [grant for grant in granted if grant is not None and any(is_inside(grant, code) for code in wanted)]
    if wanted and not narrower and not inside:
        raise Forbidden(f"filter.regions: none of {', '.join(wanted[:10])} lies in a region that you were granted")
    return or_(False, *(within(RECORDS.c.region, code) for code in (*narrower, *inside)))


def _check_names(argument: str, names: tuple[str, ...], known: tuple[str, ...]) -> None:
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise InvalidInput(f"{argument}: {twice[:100]!r} is named twice")
    unknown = next((name for name in names if known and name not in known), None)
    if unknown is not None:
        raise InvalidInput(
            f"{argument}: {unknown[:100]!r} is no measure of training; there are {', '.join(known)}, and `usage` "
            "answers the others"
        )
