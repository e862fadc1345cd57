"""Sound kernels: from decoded samples to the rows of a sound table."""
