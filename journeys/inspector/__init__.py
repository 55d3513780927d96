"""What the panels of node kinds are made of."""
