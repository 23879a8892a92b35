"""What holds for all tests: made-up examples have no deadline, since a busy machine is no failure.

And Ctrl-C and a closed window reach the programs that tests start: whoever started the tests in
the background of a shell had them ignored, and that is handed down.
"""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
