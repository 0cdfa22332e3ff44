"""Who is asking: passwords, one-time links, browser sessions, API keys, organisations and people."""
