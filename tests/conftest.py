"""Settings of the test run as a whole, made before anything is imported."""

import os

# Several test processes share few cores: OpenMP's spinning threads would slow each other down tenfold and more.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["UZOR_DEMO"] = "off"  # an empty workspace stays empty, except where a test is about the demonstration
