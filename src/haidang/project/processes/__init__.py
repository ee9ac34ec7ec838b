"""The processes of `haidang up`, and who watches them."""
