"""What the registry knows and decides, in plain Python: state, wish and time in; state and events out."""
