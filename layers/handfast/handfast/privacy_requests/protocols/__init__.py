"""Requests that come in by published protocols: OpenDSR 2.0 (with OpenGDPR's names) and Data Rights Protocol 1.0."""
