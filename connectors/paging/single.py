"""No paging: one answer holds everything."""

from collections.abc import Mapping

from connectors.paging.steps import Answer, Step


class SinglePager:
    """Asks once."""

    def start(self, position: Mapping[str, str | int] | None) -> Step:
        """The only step."""
        del position
        return Step()

    def after(self, step: Step, answer: Answer) -> Step | None:
        """Nothing follows."""
        del step, answer
        return None

    def expected(self, answer: Answer) -> int | None:
        """As many as there are."""
        return answer.records
