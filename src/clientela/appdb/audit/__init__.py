"""The audit log: a chain of hashes that is only ever added to, its newest hash kept a second time beside it."""
