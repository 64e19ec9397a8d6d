"""The command `syncline`; `python -m workers` is the same."""


def main() -> None:
    """Run the command line."""
    from workers.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
