"""What is left of page views: counts, and the proof that the rest is gone."""

from cookies.models.shown import ShownCount
from cookies.models.traffic import DailyCount, DailyVisitors, HourlyCount, PurgeCertificate, RemovalProof

__all__ = ["DailyCount", "DailyVisitors", "HourlyCount", "PurgeCertificate", "RemovalProof", "ShownCount"]
