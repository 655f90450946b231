"""Public pages for visitors of whom nothing is known are made once and shown for some seconds; personal pages never."""
