"""What asking one platform costs beside the platform itself."""
