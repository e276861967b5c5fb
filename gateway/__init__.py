"""The gateway: storage, slices, GraphQL, web and command line."""
