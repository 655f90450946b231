"""News that orders listen to."""
