"""Ways to break the policy by a change of the code, each drawn at random and applied to a copy of the tree."""
