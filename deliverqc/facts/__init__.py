"""Named values about a subject: what they are called, what they may be, and how they are put together."""
