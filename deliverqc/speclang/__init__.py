"""The language of specs: what a spec file says, read strictly, linted and resolved; judges nothing."""
