"""Mirror of the source."""
