"""The public GraphQL schema: types, resolvers, loaders, limits and execution."""
