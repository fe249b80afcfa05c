"""What the air temperature feels like, from humidity, wind, sky and time of day."""
