"""What is right and wrong about a row: pure, vectorised, without clock or database."""
