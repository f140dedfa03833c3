"""From a program to the readable source of one Python function."""
