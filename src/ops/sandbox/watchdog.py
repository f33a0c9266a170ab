"""Runs a command, and ends it when whoever holds the other end of standard input lets go.

That end closes however its holder goes, a kill or a panic included, so nothing is ever left running or lying about.

Usage: watchdog.py FOLDER COMMAND...   (FOLDER is the command's own, and goes with it)
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

folder, command = sys.argv[1], sys.argv[2:]
# A session of its own: what the command starts is ended with it.
server = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
let_go = threading.Event()


def end_with_holder():
    # Not by `sys.stdin`, whose lock a waiting thread would keep when this ends.
    while os.read(0, 65536):
        pass
    let_go.set()
    server.terminate()
    try:
        server.wait(3)
    except subprocess.TimeoutExpired:
        server.kill()


threading.Thread(target=end_with_holder, daemon=True).start()
status = server.wait()
try:
    os.killpg(server.pid, signal.SIGKILL)
except ProcessLookupError:
    pass
if let_go.is_set():
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(status if status >= 0 else 128 - status)
