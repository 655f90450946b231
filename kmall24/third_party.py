"""The position of every model that is not ours (rule 2): what it holds about a person, or why it holds nothing."""

from privacy.declaration import Category, Keep, Origin, PersonalDatum, Purpose
from privacy.positions import Holds, HoldsNothing, Position

POSITIONS: dict[str, Position] = {
    # The one place where a sign-in address stands; the gate's trigger guards it like a table of our own.
    "account.EmailAddress": Holds(
        {"email": PersonalDatum(Category.EMAIL, (Purpose.AUTHENTICATION, Purpose.NOTIFICATION), Keep.ACCOUNT)},
        through="user",
        keep_from="user__closed_at",
    ),
    "account.EmailConfirmation": HoldsNothing("Never filled: links are signed (ACCOUNT_EMAIL_CONFIRMATION_HMAC)."),
    "admin.LogEntry": HoldsNothing(
        "Which staff account changed which row, by numbers; object_repr is a model's __str__, and ours never shows a "
        "personal value; change_message names fields, not values."
    ),
    "auth.Group": HoldsNothing("Names of the staff's roles."),
    "auth.Permission": HoldsNothing("Names of what the software can do."),
    "contenttypes.ContentType": HoldsNothing("Names of models."),
    "cookie_consent.Cookie": HoldsNothing("What the store's own cookies are called and what they are for."),
    "cookie_consent.CookieGroup": HoldsNothing("What the store's own groups of cookies are called."),
    "cookie_consent.LogItem": HoldsNothing("An answer to the cookie banner that nobody can be told from."),
    # The sealed secret of a second factor, and when a code of it was typed last; both are made by the store.
    "mfa.Authenticator": Holds(
        {
            "data": PersonalDatum(Category.PASSWORD, (Purpose.AUTHENTICATION,), Keep.ACCOUNT, origin=Origin.SYSTEM),
            "last_used_at": PersonalDatum(
                Category.SETTINGS, (Purpose.AUTHENTICATION,), Keep.ACCOUNT, origin=Origin.SYSTEM
            ),
        },
        through="user",
        keep_from="user__closed_at",
    ),
    # The account, or the guest's random key, that a session belongs to; both are made by the store. While an address waits for
    # its confirmation, allauth keeps it here as well, for the two weeks of a session at the most.
    "sessions.Session": Holds(
        {
            "session_data": PersonalDatum(
                Category.PSEUDONYM, (Purpose.AUTHENTICATION,), Keep.ACCOUNT, origin=Origin.SYSTEM
            )
        },
        keep_from="expire_date",
    ),
}

# Forms of other packages that an address leads to, about a person and without a notice: why none is due.
FORMS: dict[str, str] = {
    "allauth.account.forms.LoginForm": "The address is compared with the accounts, to let its owner in, and not kept.",
    "allauth.account.forms.ResetPasswordForm": (
        "The address is compared with the accounts and not kept, and the answer is the same for every address."
    ),
}
