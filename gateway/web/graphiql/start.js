// Starts GraphiQL over POST /graphql with the key and the purpose of the form, and one tab for each audience.
(async () => {
  "use strict";
  const place = document.getElementById("graphiql");
  const key = document.getElementById("key");
  const purpose = document.getElementById("purpose");
  document.getElementById("sent").addEventListener("submit", (event) => event.preventDefault());

  function headersOf(given) {
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8",
      "Shanhai-Cost": "1",
    };
    if (key.value.trim()) headers.Authorization = `Bearer ${key.value.trim()}`;
    if (purpose.value) headers["Shanhai-Purpose"] = purpose.value;
    return { ...headers, ...given };
  }

  // What is between two empty lines of a stream is an event; those named `next` carry an answer.
  async function* answersOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let waiting = "";
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const events = (waiting + value).replaceAll("\r\n", "\n").split("\n\n");
        waiting = events.pop();
        for (const event of events) {
          const lines = event.split("\n");
          if (lines.includes("event: complete")) return;
          const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("\n");
          if (data.trim()) yield JSON.parse(data);
        }
      }
    } finally {
      await reader.cancel();
    }
  }

  const MOST_EVENTS = 200;

  // The pane shows one document at a time, so each event is shown with those before it.
  async function* listed(answers) {
    const events = [];
    let received = 0;
    for await (const answer of answers) {
      received += 1;
      events.unshift(answer);
      events.length = Math.min(events.length, MOST_EVENTS);
      yield { received, newestFirst: [...events] };
    }
  }

  async function fetcher(parameters, options) {
    const subscribes = isSubscription(parameters, options && options.documentAST);
    const headers = headersOf((options && options.headers) || {});
    if (subscribes) headers.Accept = "text/event-stream";
    const response = await fetch("/graphql", { method: "POST", headers, body: JSON.stringify(parameters) });
    const streams = (response.headers.get("Content-Type") || "").startsWith("text/event-stream");
    return streams ? listed(answersOf(response)) : response.json();
  }

  function isSubscription(parameters, document) {
    const operations = ((document && document.definitions) || []).filter((one) => one.kind === "OperationDefinition");
    const name = parameters.operationName;
    const asked = operations.find((one) => operations.length === 1 || (one.name && one.name.value === name));
    return Boolean(asked) && asked.operation === "subscription";
  }

  function Explored({ examples }) {
    const [query, setQuery] = React.useState(undefined);
    const explorer = GraphiQLPluginExplorer.useExplorerPlugin({ query: query || "", onEdit: setQuery });
    return React.createElement(GraphiQL, {
      fetcher,
      query,
      onEditQuery: setQuery,
      plugins: [explorer],
      defaultTabs: examples,
      // of the first tab GraphiQL shows only the document by itself
      variables: localStorage.getItem("graphiql:tabState") ? undefined : examples[0].variables,
      defaultEditorToolsVisibility: "variables",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    });
  }

  const examples = await (await fetch(place.dataset.examples)).json();
  ReactDOM.render(React.createElement(Explored, { examples }), place);
})();
