"""What the council has decided."""
