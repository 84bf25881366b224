"""Certificates for tests, by the openssl command."""
import os
import subprocess


class Authority:
    """Signs certificates; its own is in .certificate."""

    def __init__(self, folder):
        self.folder = folder
        self.certificate, self.key = self._path("authority.pem"), self._path("authority.key")
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out",
                  self.certificate, "-days", "2", "-subj", "/CN=an authority")

    def _path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def _run(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def issue(self, name):
        """A certificate for a host's name, and its key: two paths."""
        certificate, key, request, extensions = (self._path(name + end) for end in (".pem", ".key", ".csr", ".ext"))
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{name}\n")
        self._run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj",
                  "/CN=" + name)
        self._run("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial", "-days", "2",
                  "-extfile", extensions, "-out", certificate)
        return certificate, key
