"""What is kept on this machine: one SQLite file, written by one thread, and every way to read, copy and delete it."""
