"""The remix network as a file for other programs; node id = thing id, edges run from parent to child."""
