"""Devices, lines and endpoints that agents measure, and what is known of them."""
