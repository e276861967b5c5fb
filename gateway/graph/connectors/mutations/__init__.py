"""What administrators and partners do with connectors and harvests: one action in each module."""
