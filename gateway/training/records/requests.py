"""Idempotency keys: a retry of a request finds what the first one did, whatever has happened since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from gateway.errors import InvalidInput
from gateway.identity import Principal
from gateway.keyed import KeyedHash
from gateway.personal import Action
from gateway.storage.tables import TrainingRequestRow
from gateway.training.errors import IdempotencyKeyReused

LONGEST_KEY = 200
_REQUESTS = TrainingRequestRow.metadata.tables["training_requests"]


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is carried out once; of key and body keyed hashes are kept, nothing of what they say."""

    client: str
    key: str
    body: str

    def earlier(self, connection: Connection) -> str | None:
        """The record that this request was about before; raises IdempotencyKeyReused where the body was another."""
        used = (_REQUESTS.c.client == self.client, _REQUESTS.c.key == self.key)
        found = connection.execute(select(_REQUESTS).where(*used)).one_or_none()
        if found is None:
            return None
        if found.digest != self.body:
            raise IdempotencyKeyReused("idempotencyKey: it came with another body before; use a new one")
        return str(found.record_id)

    def done(self, connection: Connection, now: datetime, record: str) -> None:
        """Remember the request, within the transaction that carries it out."""
        row = {"client": self.client, "key": self.key, "digest": self.body, "record_id": record, "at": now}
        connection.execute(insert(_REQUESTS), row)


def once(keys: KeyedHash, who: Principal, action: Action, key: str, body: Any) -> Once:
    """A request of a client by its key; keys of different actions are apart. Raises InvalidInput for what is no key."""
    if not 0 < len(key.strip()) <= LONGEST_KEY or not key.isprintable():
        raise InvalidInput(f"idempotencyKey: 1 to {LONGEST_KEY} characters without line breaks are due")
    said = orjson.dumps(body, default=str, option=orjson.OPT_SORT_KEYS)
    return Once((who.client or who.name)[:200], keys.hex("request-key", action, key), keys.hex("request", said))
