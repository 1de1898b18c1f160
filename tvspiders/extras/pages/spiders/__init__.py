"""Spiders of the extra, found as modules of ``tvspiders.spiders``."""
