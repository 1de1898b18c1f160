"""What ``scrapy plan`` works out and prints."""
