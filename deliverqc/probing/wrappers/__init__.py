"""Our own reading of wrapper structure, one module a format."""
