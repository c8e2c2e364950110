"""How a script of the train environment begins that fetches from the stand-in Hub, by the real client.

The client does not wait between its tries. Arguments: the project, a folder of the test, the stand-in's
address, and what is asked, as JSON.
"""

BEGIN = """
import json, os, sys
from pathlib import Path
project, root, url, asked = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
os.environ |= {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": url, "HF_HOME": str(root / "home")}
from types import SimpleNamespace
from huggingface_hub import file_download
from huggingface_hub.utils import _http
for module in (file_download, _http):
    module.time = SimpleNamespace(sleep=lambda seconds: None, time=module.time.time)
from synthia import recipe
from synthia.errors import PipelineError
from synthia.stages import fetch
from synthia.stages.hub import calls
calls.FIRST_WAIT = 0.01
"""
