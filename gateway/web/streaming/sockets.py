"""WebSockets at the GraphQL endpoint: who may open one, and in which protocol."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from gateway.web.addresses import client_address
from gateway.web.identity import Authenticator
from gateway.web.operations import Operations
from gateway.web.refusals import Refusal
from gateway.web.streaming.conversation import Client, Conversation, Patience
from gateway.web.streaming.messages import SUBPROTOCOL, CloseCode
from gateway.web.streaming.origins import may_connect
from gateway.web.streaming.places import Places


@dataclass(frozen=True, slots=True)
class Sockets:
    """Accepts WebSockets that speak graphql-transport-ws; `origins` are those whose pages may open one beside ours."""

    operations: Operations
    find_authenticator: Callable[[HTTPConnection], Authenticator]
    places: Places
    trusted_proxies: int = 0
    origins: Collection[str] = ()
    patience: Patience = field(default_factory=Patience)

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its handshake to its end."""
        if not may_connect(socket.headers.get("origin"), socket.headers.get("host"), self.origins):
            await socket.close(1008, "pages of this origin may not connect")  # before it is accepted: status 403
            return
        if SUBPROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(CloseCode.SUBPROTOCOL, f"subprotocol not acceptable; speak {SUBPROTOCOL}")
            return
        await socket.accept(SUBPROTOCOL)
        address = client_address(socket, self.trusted_proxies)
        try:
            self.places.take(address)
        except Refusal as refusal:
            await socket.close(CloseCode.TRY_AGAIN, refusal.message)
            return
        try:
            client = Client(self.find_authenticator(socket), address)
            await Conversation(socket, self.operations, client, self.patience).hold()
        finally:
            self.places.free(address)
