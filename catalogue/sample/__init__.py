"""The goods of the sample store and the pictures drawn for them."""
