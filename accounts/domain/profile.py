"""Changing what a person told about themselves."""

from accounts.models import Profile, User


def change_profile(account: User, *, name: str, phone: str) -> Profile:
    """Keep the owner's name and number; call it inside the collection that they came in by."""
    profile = Profile.objects.filter(account=account).first() or Profile(account=account, subject_id=account.subject_id)
    profile.name, profile.phone = name, phone
    profile.save()
    return profile
