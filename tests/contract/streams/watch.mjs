// Subscribes by the library that is named, and tells each thing that happens in a line: what it is, and how.
import { createClient as createEvents } from "graphql-sse";
import { createClient as createSocket } from "graphql-ws";
import WebSocket from "ws";

const [library, address, patience, key] = process.argv.slice(2);
const say = (...words) => console.log(words.join(" "));
const soon = () => new Promise((resolve) => setTimeout(resolve, 100));
const guide = {
  shouldRetry: (end) => ![4400, 4401, 4403, 4406, 4409, 4429].includes(end?.code),
  retryAttempts: 8,
};
const tenacious = patience === "tenacious" ? guide : {};
const client =
  library === "graphql-ws"
    ? createSocket({
        url: `ws://${address}/graphql`,
        webSocketImpl: WebSocket,
        retryWait: soon,
        connectionParams: key ? { authorization: `Bearer ${key}` } : {},
        on: { closed: ({ code }) => say("closed", code) },
        ...tenacious,
      })
    : createEvents({ url: `http://${address}/graphql`, retry: soon });

client.subscribe(
  { query: "subscription { searchStream { source { platform { code } } done } }" },
  {
    next: ({ data }) => say("next", data.searchStream.source.platform.code),
    error: () => say("failed"),
    complete: () => say("completed"),
  },
);
