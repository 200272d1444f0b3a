"""Destinations: systems outside that are given segments, by type; what of a sandbox is activated to which."""
