"""Spiders: which requests are made, and in which order.

Those of the extras are in their own folders and are modules of this package like the others.
"""

from tvspiders.extras import folders

__path__ += folders("spiders")
