"""The queue of requests: leases, crawls, answers, feeds and the quota's rows."""
