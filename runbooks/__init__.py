"""What to do about it: advice for each rule and class."""
