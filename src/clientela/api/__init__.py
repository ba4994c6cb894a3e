"""The API for programs, ``/api/v1``: the same questions, the same rights, as documents."""
