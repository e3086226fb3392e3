"""What the reader gets."""
