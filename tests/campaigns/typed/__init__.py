"""Card numbers typed wherever a person may type, and the search for what was left of them."""
