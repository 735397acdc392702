"""Product events from Kafka to Loops: once, soon and in order."""
