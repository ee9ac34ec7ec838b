"""Pure rules: how each class of personal data is masked, and how removed values are recognised."""
