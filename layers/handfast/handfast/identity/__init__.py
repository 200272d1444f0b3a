"""Identities: namespaces, normalisation, keys and buckets (docs/architecture.md, Identity)."""
