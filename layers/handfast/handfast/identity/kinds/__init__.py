"""One module per namespace; each registers itself when imported."""
