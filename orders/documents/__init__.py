"""Papers of an order as PDF: invoice, packing slip and the sandbox courier's label."""
