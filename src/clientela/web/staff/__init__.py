"""Users, grants, trees, the audit log, seeing as another."""
