"""Jobs on a Scrapyd daemon: which are due, whether they are there already, how they went."""
