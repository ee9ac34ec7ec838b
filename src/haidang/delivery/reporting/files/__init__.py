"""The form as a workbook: made to be filled in, read when it comes back."""
