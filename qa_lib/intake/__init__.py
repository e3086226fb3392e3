"""What arrived."""
