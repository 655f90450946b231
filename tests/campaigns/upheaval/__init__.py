"""A store whose processes die while people shop, and the three ledgers that are compared afterwards."""
