"""Files that lie in somebody else's stores: where they are, which there are, and their bytes."""
