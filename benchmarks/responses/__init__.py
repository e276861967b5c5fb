"""What a kept answer costs."""
