"""What it says: tables in, new tables out, no files, no words."""
