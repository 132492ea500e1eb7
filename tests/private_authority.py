# SPDX-License-Identifier: Apache-2.0
"""Certificates of a test's own."""
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    """A private CA."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self.key, "-out", self.certificate)

    def sign(self, name, alternative):
        """@return certificate and key, which httpd's user can read"""
        file = name.replace("/", "-")  # there may be more parts of a name behind the first
        certificate, key, request = (self.folder / f"{file}.{kind}" for kind in ("pem", "key", "csr"))
        extensions = self.folder / f"{file}.extensions"
        extensions.write_text(f"subjectAltName={alternative}\n", encoding="ascii")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-keyout",
                key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                "-extfile", extensions, "-out", certificate)
        key.chmod(0o644)
        return certificate, key
