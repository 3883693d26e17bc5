"""``python -m seqattack``: the command line."""

from seqattack.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
