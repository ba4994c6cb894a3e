"""Roll-ups: figures counted beforehand, chosen by what is asked, and always equal to what the rows themselves give."""
