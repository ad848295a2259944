"""The peer of bench/signin.py: HOTP codes that privacyIDEA checks a CPU second through its HTTP door, in process.

Run with a count; prints JSON with `rate`. Its house is made anew in a folder of its own: SQLite, keys, an audit that
signs each row, no policies, tokens without a PIN.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyotp

COUNT = int(sys.argv[1])
FOLDER = Path(tempfile.mkdtemp())
CONFIG = FOLDER / "pi.cfg"
CONFIG.write_text(
    f"""
SUPERUSER_REALM = ["admin"]
SQLALCHEMY_DATABASE_URI = "sqlite:///{FOLDER}/pi.sqlite"
SECRET_KEY = "{secrets.token_hex(32)}"
PI_PEPPER = "{secrets.token_hex(16)}"
PI_ENCFILE = "{FOLDER}/enckey"
PI_AUDIT_KEY_PRIVATE = "{FOLDER}/private.pem"
PI_AUDIT_KEY_PUBLIC = "{FOLDER}/public.pem"
PI_LOGFILE = "{FOLDER}/pi.log"
PI_LOGLEVEL = 40
""",
    encoding="utf-8",
)
os.environ["PRIVACYIDEA_CONFIGFILE"] = str(CONFIG)
MANAGE = str(Path(sys.executable).with_name("pi-manage"))
for words in (["create_enckey"], ["create_audit_keys"], ["create_tables"]):
    subprocess.run([MANAGE, "setup", *words], check=True, capture_output=True)

from privacyidea.app import create_app  # noqa: E402
from privacyidea.lib.token import init_token  # noqa: E402

app = create_app(config_name="production", config_file=str(CONFIG), silent=True)
with app.app_context():
    key = secrets.token_bytes(20)
    init_token({"type": "hotp", "otpkey": key.hex(), "serial": "BENCH1", "otplen": 6})
hotp = pyotp.HOTP(base64.b32encode(key).decode())
client = app.test_client()


def check(counter: int) -> None:
    answer = client.post("/validate/check", data={"serial": "BENCH1", "pass": hotp.at(counter)})
    if not answer.get_json()["result"]["value"]:
        raise RuntimeError(answer.get_data(as_text=True))


for counter in range(10):
    check(counter)
started = time.process_time()
for counter in range(10, 10 + COUNT):
    check(counter)
print(json.dumps({"rate": COUNT / (time.process_time() - started)}))
