"""The one place that knows an engine: portable SQL, models in order, landing, snapshots, lock, journal, lineage."""
