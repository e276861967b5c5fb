"""Resources and the values that belong to them."""
