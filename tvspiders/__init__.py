"""tvspiders: crawl the Thingiverse remix network under a quota, and trust every number."""

__version__ = "0.2.0rc1"
