"""From a probed master to its facts: what is decoded, which meters run, and what they read; knows no verdict."""
