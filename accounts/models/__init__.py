"""An account, what its owner told us about themselves and what they like, and the addresses they saved."""

from accounts.models.address import SavedAddress
from accounts.models.interests import Interest
from accounts.models.profile import Profile
from accounts.models.user import User

__all__ = ["Interest", "Profile", "SavedAddress", "User"]
