"""The version of this package; knows nothing else."""

VERSION = "0.1.0"
