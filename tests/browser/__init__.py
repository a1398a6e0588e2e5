"""The live behaviour of the app, in a real Chromium."""
