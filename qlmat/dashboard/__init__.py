"""The page and its small server: an MQTT client like any other."""
