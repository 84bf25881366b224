"""What is served: files of random bytes, so that nothing is compressed, and a certificate for all servers."""
import hashlib
import os
import subprocess

SMALL, MIDDLE, LARGE = "/1k.bin", "/64k.bin", "/10m.bin"
SIZES = {SMALL: 1024, MIDDLE: 64 * 1024, LARGE: 10 * 1024 * 1024}


class Site:
    small = SMALL
    large = LARGE

    def __init__(self, folder):
        self.root = os.path.join(folder, "root")
        self.key = os.path.join(folder, "key.pem")
        self.certificate = os.path.join(folder, "certificate.pem")
        self.digests = {}
        os.mkdir(self.root)
        for path, size in SIZES.items():
            data = os.urandom(size)
            self.digests[path] = hashlib.sha256(data).hexdigest()
            with open(self.root + path, "wb") as file:
                file.write(data)
        # nginx's worker gives up root.
        for path in (folder, self.root):
            os.chmod(path, 0o755)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
             "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True)

    def check(self, server, path, tls=False, headers=()):
        """Raises when the file does not arrive whole and unchanged."""
        url = server.url(path, tls)
        fields = [part for field in headers for part in ("-H", field)]
        result = subprocess.run(["curl", "-sS", "--fail", "--cacert", self.certificate, *fields, url],
                                capture_output=True, timeout=30)
        if result.returncode != 0:
            raise RuntimeError(f"{server.name}: {url}: {result.stderr.decode().strip()}\n{server.log()}")
        if hashlib.sha256(result.stdout).hexdigest() != self.digests[path]:
            raise RuntimeError(f"{server.name}: {url}: {len(result.stdout)} bytes that are not the file's")
