"""The courier: what the store asks of any, and the sandbox that behaves like one over HTTP."""
