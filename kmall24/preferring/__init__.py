"""Where the shop meets what a visitor's browser remembers: goods and cookies know nothing of each other."""
