"""What the gate says when it refuses."""


class PrivacyError(Exception):
    """Something that the policy does not allow was tried."""


class NotCollected(PrivacyError):
    """A personal value was about to be written outside a recorded collection."""


class NotDisclosed(PrivacyError):
    """A hand-over was refused: no such recipient, purpose or permission."""


class Restricted(NotDisclosed):
    """A value waits until a case has ended: its accuracy is contested, or the person asked that nobody use it."""


class NotConfirmed(PrivacyError):
    """Something was to be done for a person of whom it is not certain that they ask."""


class StaleNotice(PrivacyError):
    """The answers were given to a notice that is no longer the one in force."""


class NotPermitted(PrivacyError):
    """A message was about to be sent to somebody who has not permitted it."""


class NotOpened(PrivacyError):
    """The law's archive stays shut: no law, no reason, or a question that is not committed."""


class StillNeeded(PrivacyError):
    """A recipient cannot forget a value yet, such as the address of a parcel that is on its way. It is asked again."""


class NotErased(PrivacyError):
    """An erasure was refused, or the reading back found what should be gone."""


class NotPublished(PrivacyError):
    """A version of the policy was not proposed or published: something of it is missing, or a rule stands against it."""


class InQuarantine(PrivacyError):
    """The database is older than the journal of erasures and withdrawals: nothing is shown or sent until it was replayed."""
