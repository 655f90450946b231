"""News that travels up from the foundation; the apps above listen, nothing below calls them."""

from django.dispatch import Signal

# A person's data is about to be erased, inside this transaction and while it still stands: keep what must outlive it in
# another form (a keyed hash on a suppression list), and remove what the declarations do not lead to (a session). Sends
# `subject`, `people` (the keys of the person and their guests) and `now`. It comes again, every night, while an order or a
# request under way keeps the erasure open.
erased = Signal()
# A value was corrected through the gate. Sends `subject`, `record`, `fields`.
corrected = Signal()
# A person said yes to something, by a control that they saw. Sends `subject`, `events`.
permitted = Signal()
# A permission of long standing is to be brought back to its giver's mind, by another channel than mail. Sends `preference`.
reminder_due = Signal()
# Permission was taken back. Sends `subject`, `events`.
withdrawn = Signal()
# Everybody with an account is to be written to. Answer with (key of the person, record with the address, name of its field)
# for at most `most` people, in the order of their keys: those whose key comes after `after`, or the one called `person`.
account_addresses = Signal()
# A guest names an order to the privacy desk. Sends `number` as it was typed; answer with (record with the address that the
# order was placed with, name of its field), or None.
order_named = Signal()
# It is certain now who asks. Sends `case`.
person_confirmed = Signal()
# A recipient is told that a value was wrong. Sends `record` and `to`; answer with the names by which the recipient knows what
# it was handed, such as the numbers of parcels.
handed_over_as = Signal()
# Somebody is erased who gave values to a recipient directly, on a page of its own. Sends `people`; answer with (the recipient,
# the names by which it knows what they gave).
given_directly = Signal()
# Somebody was erased, and a recipient is to forget them too. Sends `to`, `known_as`; whoever speaks with that recipient by
# machine answers with what it did ("forgotten", "not_held", "kept_by_law", "refused"), everybody else with None. It raises
# `StillNeeded` while the recipient cannot: it is asked again, for as long as that lasts.
to_be_forgotten = Signal()
