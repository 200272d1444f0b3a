"""Fakes of the systems that types of destinations speak to, one process each (`audiences` is what they share).

Each is first accepted by the vendor's own SDK or OpenAPI document, and then spoken to by Handfast. Tests steer them as
they steer `tests.worlds.connector_servers`.
"""
