"""The signed query of 重庆云课堂: HMAC-SHA256 over the sorted parameters, a timestamp and a nonce used once."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from connectors.simulators.simulation import Simulation

TOLERANCE = 5 * 60 * 1000
KEPT_NONCES = 100_000

MISSING, BAD_SIGN, EXPIRED, REPLAYED, UNKNOWN_KEY = 40100, 40101, 40102, 40103, 40104


def sign(parameters: Mapping[str, str], secret: str) -> str:
    """Lower-case hexadecimal HMAC-SHA256 of all parameters but `sign`, sorted by name, as `k=v` joined by `&`."""
    return _signature([(name, value) for name, value in parameters.items()], secret)


def _signature(parameters: Sequence[tuple[str, str]], secret: str) -> str:
    text = "&".join(f"{name}={value}" for name, value in sorted(parameters) if name != "sign")
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Gatekeeper:
    """Judges signed queries; remembers nonces for as long as their timestamps are good."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._nonces: dict[str, int] = {}

    def refusal(self, query: Sequence[tuple[str, str]]) -> tuple[int, str] | None:
        """Code and message of what is wrong with a query (decoded pairs), or None."""
        given = dict(query)
        missing = [name for name in ("appKey", "timestamp", "nonce", "sign") if not given.get(name)]
        if missing:
            return MISSING, f"缺少参数: {', '.join(missing)}"
        secrets = self._simulation.secrets
        if given["appKey"] != secrets["appKey"]:
            return UNKNOWN_KEY, "appKey 不存在"
        if not hmac.compare_digest(_signature(query, secrets["appSecret"]), given["sign"]):
            return BAD_SIGN, "签名错误"
        now = self._simulation.milliseconds()
        if not given["timestamp"].isdigit() or abs(now - int(given["timestamp"])) > TOLERANCE:
            return EXPIRED, "时间戳已过期"
        if given["nonce"] in self._nonces:
            return REPLAYED, "nonce 重复"
        self._remember(given["nonce"], now)
        return None

    def _remember(self, nonce: str, now: int) -> None:
        self._nonces[nonce] = now
        if len(self._nonces) > KEPT_NONCES:
            self._nonces = {n: at for n, at in self._nonces.items() if now - at <= 2 * TOLERANCE}
