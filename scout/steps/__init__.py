"""What happens to a draft between reading and storing: one step a file, plain functions."""
