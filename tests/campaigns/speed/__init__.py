"""What the store's pages cost beside a page that costs nothing."""
