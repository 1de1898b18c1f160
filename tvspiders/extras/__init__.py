"""What the crawler can do without: each folder is one feature, and can be deleted with its line in the registry."""
