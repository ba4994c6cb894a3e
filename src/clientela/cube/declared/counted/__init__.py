"""The measures as data, by what they are about."""
