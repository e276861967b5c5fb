"""Whatever is done in whatever order, a connector's state says what its versions say."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from gateway.registry import ConnectorState, lifecycle
from gateway.registry.lifecycle import Standing
from gateway.registry.refusals import Refused

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "canary", "verify", "refute", "activate", "rollback", "suspend", "install"]),
        st.integers(1, 6),
    ),
    max_size=30,
)


@dataclass
class Walk:
    """A standing with the versions that are verified, moved by names of steps."""

    standing: Standing = field(default_factory=lambda: Standing(ConnectorState.DRAFT, 1))
    verified: set[int] = field(default_factory=set)

    def take(self, step: str, number: int) -> None:
        number = min(number, self.standing.newest)
        steps: dict[str, Callable[[], Standing]] = {
            "publish": lambda: lifecycle.published(self.standing, self.standing.newest + 1, self.verified),
            "canary": lambda: lifecycle.on_trial(self.standing, number, self.verified),
            "verify": lambda: lifecycle.settled(self.standing, self.verified),
            "refute": lambda: lifecycle.settled(self.standing, self.verified),
            "activate": lambda: lifecycle.activated(self.standing, number, self.verified),
            "rollback": lambda: lifecycle.rolled_back(self.standing, self.verified),
            "suspend": lambda: lifecycle.suspended(self.standing, "维护"),
            "install": lambda: lifecycle.installed(self.standing, number),
        }
        if step in ("canary", "verify"):
            self.verified.add(number)
        if step == "refute":
            self.verified.discard(number)
        self.standing = steps[step]()


@given(STEPS)
def test_the_state_follows_from_the_versions(steps: list[tuple[str, int]]) -> None:
    walk = Walk()
    for step, number in steps:
        before = walk.standing
        try:
            walk.take(step, number)
        except Refused:
            assert walk.standing is before
        after = walk.standing
        assert (after.active is not None) == (after.state in (ConnectorState.ACTIVE, ConnectorState.SUSPENDED))
        assert (after.state is ConnectorState.CANARY) == (after.active is None and after.canary is not None)
        assert (after.suspended_because is not None) == (after.state is ConnectorState.SUSPENDED)
        assert after.canary is None or after.canary != after.active
        assert all(number <= after.newest for number in (*after.earlier, after.active or 1, after.canary or 1))


@given(STEPS)
def test_rolling_back_an_activation_restores_what_was_served(steps: list[tuple[str, int]]) -> None:
    walk = Walk()
    for step, number in steps:
        try:
            walk.take(step, number)
        except Refused:
            continue
    before = walk.standing
    if before.state is not ConnectorState.ACTIVE or before.canary is not None:
        return
    version = before.newest + 1
    published = lifecycle.published(before, version, walk.verified)
    activated = lifecycle.activated(published, version, {*walk.verified, version})
    assert before.active is not None
    restored = lifecycle.rolled_back(activated, {*walk.verified, before.active})
    assert (restored.active, restored.earlier, restored.state) == (before.active, before.earlier, before.state)
