"""The words in which a project lists the positions of models that are not its own."""

from privacy.internal.positions import Holds, HoldsNothing, Position

__all__ = ["Holds", "HoldsNothing", "Position"]
