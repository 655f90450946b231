"""What is left of page views: counts, and the proof that the rest is gone."""

from cookies.models.traffic import DailyVisitors, HourlyCount, PurgeCertificate

__all__ = ["DailyVisitors", "HourlyCount", "PurgeCertificate"]
