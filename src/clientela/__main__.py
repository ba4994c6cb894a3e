"""``python -m clientela``: the command line."""

from clientela.cli import main

if __name__ == "__main__":
    main()
