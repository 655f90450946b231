"""Product files of other stores: one reader for each kind, one way into the catalogue for all."""
