"""`make run`: from a bare machine to an open store, and back to a quiet machine at Ctrl-C."""
