"""A courier of its own process: it takes parcels, makes labels, and sends signed scans, like the real thing over HTTP."""
