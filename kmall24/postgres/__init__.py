"""Django's PostgreSQL, whose kept connections are not asked at each page whether they are still there."""
