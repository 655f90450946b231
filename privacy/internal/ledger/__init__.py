"""The ledger proves what the store did: rows of evidence become leaves of a tree whose root is signed every minute.

From a row to a proof:

1. **In the row's own transaction** a trigger appends (table, key) to the waiting leaves. No lock, no index, no hash: it costs
   a few microseconds. The application role may add to that table and to nothing else of the ledger.
2. **Every minute** `privacy_ledger_take_in()`, a function of the owner's, gives each waiting leaf the next position and the
   hash `SHA-256(0x00 || table || 0x00 || nonce || row)`: the leaf hash of RFC 9162 over a random nonce and the row's binary
   form. Positions are given to committed rows only and under one lock, so there are no gaps and nothing moves later.
3. Then the tree grows (`building`), in tiles of 256 that never change once complete, and its head is signed (`heads`).
4. `verifying` reads everything again, from the rows of evidence to the signatures, and names the first entry that is wrong.

**Who is kept honest.** Somebody with every right in the database can change rows, leaves, tiles and heads, but cannot sign:
the key comes from the environment. What they could still try, to remove heads and let the store sign a changed past, fails
because the signer remembers its heads in a file outside the database (`journal`) and signs only what extends the last one.
What remains open is said plainly: until the minute's head is signed, a superuser may change a row unseen; and whoever can
write as the store can add new evidence, though not with a time before the last heads.

**Erasure and proof do not fight.** Evidence holds random keys and names of fields, never a personal value, and a leaf holds a
salted hash of evidence. Erasing a person removes the values that a random key leads to; the evidence that somebody chose,
at a time, under a text, stays, is about nobody any more, and keeps its proof. A leaf hash alone reveals nothing, not even to
somebody who guesses the row, because of its nonce; so proofs that show neighbours' hashes to other people show nothing.
"""
