"""A payment provider to practise on: hosted card page, signed webhooks and its own books, in a process of its own."""
