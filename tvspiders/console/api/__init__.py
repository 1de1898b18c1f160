"""Single requests of commands outside of a crawl: same quota, same proxies, same checks."""
