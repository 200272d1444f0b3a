"""The presets, a module each, which offers itself as `preset`."""
