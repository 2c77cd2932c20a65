"""`python -m collector` is the `wanwatch` command."""

from collector.cli import main

main()
