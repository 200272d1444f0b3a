"""IDFA, Apple's advertising id."""

from handfast.identity.devices import device_namespace
from handfast.identity.namespaces import register

register(device_namespace(4, "IDFA", "iOS"))
