"""What goes on to other systems: samples by remote write to any receiver that takes it."""
