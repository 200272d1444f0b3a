"""GAID, Google's advertising id."""

from handfast.identity.devices import device_namespace
from handfast.identity.namespaces import register

register(device_namespace(5, "GAID", "Android"))
