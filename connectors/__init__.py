"""How a platform is spoken to: contract, transport, credentials, manifests and protocols; floor 1."""
