"""Features that the crawler works without: each folder is one of them, and can be deleted."""
