# SPDX-License-Identifier: Apache-2.0
"""show_zip.py ZIP: what Python's zipfile reads out of it: a line for each entry, with its name, time (UTC) and content or size."""
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as archive:
    assert archive.testzip() is None
    for entry in archive.infolist():
        content = archive.read(entry)
        shown = content.decode() if len(content) < 100 else f"{len(content)} bytes"
        print(f"{entry.filename}|{'%04d-%02d-%02d %02d:%02d:%02d' % entry.date_time}|{shown}")
