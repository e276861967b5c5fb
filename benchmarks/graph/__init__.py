"""What an operation costs beside the services that it asks: executed by graphql-core, and as compiled code."""
