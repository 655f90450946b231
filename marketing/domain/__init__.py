"""What can be done with a wish for news."""
