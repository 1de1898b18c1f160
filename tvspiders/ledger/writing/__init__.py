"""How what is known gets on disk: leases, the write buffer, one transaction after the other."""
