"""A page view's way: seen with permission, kept in memory, handed to Valkey, counted, and gone."""
