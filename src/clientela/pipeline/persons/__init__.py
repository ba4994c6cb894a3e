"""The rights of the people in the data: who someone is, everything held of them, and its erasure.

For who restores a backup: ``reapplied.reapply(folder, settings, records)`` erases from the restored workspace
those who were erased after the backup was made; ``records`` is what ``reapplied.newest(backup_folder)`` reads.
"""
