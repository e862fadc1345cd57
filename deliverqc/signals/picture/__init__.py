"""Picture kernels: from decoded frames to the rows of the picture table."""
