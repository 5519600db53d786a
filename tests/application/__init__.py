"""Use cases on fakes; this is where buyers race."""
