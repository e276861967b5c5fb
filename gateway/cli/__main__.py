"""`python -m gateway.cli` is the command `shanhai`."""

from gateway.cli.program import main

main()
