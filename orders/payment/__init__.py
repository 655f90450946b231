"""How the store is paid: a small protocol, the adapters that speak it, and a sandbox provider in a process of its own."""
