"""The pages of a sale."""
