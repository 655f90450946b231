"""Ten years of a store's life, drawn from a seed: who comes, who goes, and when each value must be gone."""
