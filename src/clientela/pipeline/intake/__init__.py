"""What people bring in by hand: uploaded files, what they may fill, and the settings that follow."""
