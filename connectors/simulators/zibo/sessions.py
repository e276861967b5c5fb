"""Sessions of the 淄博 system: a login gives a token that dies by time or by use."""

from dataclasses import dataclass

from connectors.simulators.draw import digest
from connectors.simulators.simulation import Simulation

LIFETIME = 15 * 60 * 1000
REQUESTS = 200


@dataclass(slots=True)
class _Session:
    expires: int
    requests: int


class Sessions:
    """Tokens that were given out and what is left of them."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._given = 0
        self._sessions: dict[str, _Session] = {}

    def login(self, account: object, password: object) -> str | None:
        """A new token, or None for a wrong account or password."""
        secrets = self._simulation.secrets
        if (account, password) != (secrets["account"], secrets["password"]):
            return None
        self._given += 1
        token = digest(self._seed, "session", self._given)
        now = self._simulation.milliseconds()
        self._sessions = {t: s for t, s in self._sessions.items() if s.expires > now}
        self._sessions[token] = _Session(now + LIFETIME, REQUESTS)
        return token

    def use(self, token: str) -> bool:
        """Whether the token is still good; each use counts."""
        session = self._sessions.get(token)
        if session is None or session.expires <= self._simulation.milliseconds() or session.requests <= 0:
            self._sessions.pop(token, None)
            return False
        session.requests -= 1
        return True

    def end_all(self) -> None:
        """Every session is over at once, as after a restart."""
        self._sessions.clear()
