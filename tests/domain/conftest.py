"""Properties have no deadline: a busy machine is no counterexample."""

from hypothesis import settings

settings.register_profile("rules", deadline=None)
settings.load_profile("rules")
