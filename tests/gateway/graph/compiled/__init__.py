"""Compiled execution beside graphql-core's."""
