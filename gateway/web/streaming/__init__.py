"""Answers that come piece by piece: server-sent events, and graphql-transport-ws over WebSockets."""
