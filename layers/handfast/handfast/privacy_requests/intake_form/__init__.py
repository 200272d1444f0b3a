"""A form on the web by which people make their requests themselves, without a sign-in (docs/privacy.md)."""
