"""`python -m deliverqc` is the same as `deliverqc`."""

from deliverqc.cli import main

if __name__ == "__main__":
    main()
