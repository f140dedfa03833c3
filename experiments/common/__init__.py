"""What all experiments share: command line, output folder, checkpoints, devices."""
