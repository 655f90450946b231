"""What the app does: declare its cookies, record an answer."""
