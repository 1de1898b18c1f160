"""Commands of the extra, found as modules of ``tvspiders.commands``."""
