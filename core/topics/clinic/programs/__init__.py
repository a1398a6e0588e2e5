"""Correct programs. Each case replaces one line. The programs are executed by `core.topics.clinic.execution`."""
