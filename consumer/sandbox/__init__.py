"""Stand-ins for what this program talks to: Loops, a broker, a product that produces events."""
