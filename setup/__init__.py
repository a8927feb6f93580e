"""What happens before the first message: environments, encoder, training, starting processes."""
