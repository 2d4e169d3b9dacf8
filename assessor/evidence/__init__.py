"""Evidence: taking deliveries in, the register of what arrived, and the readers that turn files into tables."""
