"""An app database that a server keeps open: nothing is opened, asked or forced to the disk twice for want of memory."""
