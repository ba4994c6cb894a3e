"""Who is compared with whom: frontiers of peers, differences of groups, small groups drawn to all."""
