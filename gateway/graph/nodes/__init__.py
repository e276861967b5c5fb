"""What every node has, and how any node is found by its id."""
