"""Requests of people about their data, passed on to every recipient and proven."""
