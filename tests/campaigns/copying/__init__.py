"""One person who has bought very often."""
