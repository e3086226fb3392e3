"""Press go."""
