"""Who is who: records become customers, people decide, any name finds its customer."""
