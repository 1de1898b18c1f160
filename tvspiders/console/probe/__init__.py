"""What ``scrapy probe`` asks, finds out and prints."""
