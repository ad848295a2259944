"""How the house is put together: settings from the environment, addresses, checks, servers."""
