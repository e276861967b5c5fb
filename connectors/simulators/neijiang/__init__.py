"""内江市教育云平台: OAI-PMH 2.0 with Dublin Core and LOM, and training records as a drop of files."""
