"""The types of destinations, a folder each."""
