"""The gateway as a subgraph of Apollo Federation 2: entities by their keys, and the schema as a router composes it."""
