"""The journal that outlives a restore: what was erased, withdrawn and corrected, on a disk that is not the database's.

A line is on the disk before its transaction can commit, and its mark stands in that transaction. So a mark never lacks its
line, and a line without a mark says one of three things: the transaction is still under way, it was rolled back, or this
database is older than the journal. The third puts the store into quarantine until `replay_journal` has been run.
"""
