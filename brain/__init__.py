"""What Rasa loads: recognition, texts, tracker store, and the connector to the desk."""
