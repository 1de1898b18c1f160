"""Base classes of the spiders, and the cursors that their requests carry."""
