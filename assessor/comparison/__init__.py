"""What differs between two states: of conclusions, and of what they rest on. Nothing here reads or writes an engagement."""
