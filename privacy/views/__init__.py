"""The privacy pages, one file per kind of page."""
