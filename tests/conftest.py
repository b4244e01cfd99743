"""Each test process keeps to one core, as the mat does: the algebra library's own threads would only wait."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
