"""The pipeline: read, call, write. The only code that knows several stages."""
