"""Letters to the privacy mailbox: read as mail, then understood as wishes."""
