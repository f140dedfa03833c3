"""Arrays of input: images, digits, pairing protocols."""
