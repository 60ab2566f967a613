"""``python -m scout``: the same as the command ``scout``."""

from scout.cli import main

main()
