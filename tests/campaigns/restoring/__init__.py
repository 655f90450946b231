"""A store that is restored from a backup of before: who was erased and who said no must not come back."""
