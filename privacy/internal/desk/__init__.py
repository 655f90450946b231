"""The privacy desk: a letter becomes a case, a wish to stop is heard at once, a correction goes through the gate."""
