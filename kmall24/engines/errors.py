"""What goes wrong with an engine is said in one sentence that names the way out."""


class EngineError(Exception):
    """Shown to the person at the terminal as it is."""
