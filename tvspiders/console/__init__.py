"""What the commands check and print; apart from them, because Scrapy imports every command each time."""
