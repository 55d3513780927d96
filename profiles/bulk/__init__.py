"""What is done with many people at once, in the background: exports and changes."""
