"""Delivery: it compares what a destination has taken with the ledger, and sends the rest."""
