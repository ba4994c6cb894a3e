"""A folder of exports looked at, and ``clientela.toml`` proposed for it."""
