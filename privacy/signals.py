"""News that travels up from the foundation; the apps above listen, nothing below calls them."""

from django.dispatch import Signal

# A person's data is being erased: remove what stands in your tables, inside this transaction. Sends `subject`.
erased = Signal()
# A value was corrected through the gate. Sends `subject`, `record`, `fields`.
corrected = Signal()
# Permission was taken back. Sends `subject`, `events`.
withdrawn = Signal()
