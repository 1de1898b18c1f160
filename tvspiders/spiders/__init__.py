"""Spiders say in which order the API is asked; nothing else.

Those of the extras lie in their own folders and are modules of this package like the others.
"""

from tvspiders.extras import folders

__path__ += folders("spiders")
