"""Where test data lies. The shared data is large and stays outside the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "tests" / "data"
SHARED_DATA = Path(os.environ.get("TIPOFF_SHARED_DATA", ROOT.parent / "shared" / "data"))
