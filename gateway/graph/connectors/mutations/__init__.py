"""What the administrator does with connectors and harvests: one action in each module."""
