"""From the bytes of a record to the requests that the rules of ``mapping.yaml`` make of it."""
