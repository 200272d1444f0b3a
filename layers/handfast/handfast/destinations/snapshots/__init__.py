"""How whole memberships are written: a module for each format of files."""
