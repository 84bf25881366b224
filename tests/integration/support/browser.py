"""A browser without a screen, driven by the protocol that all of them have (WebDriver, W3C)."""
import base64
import json
import re
import socket
import subprocess
import time
import urllib.request

PATIENCE = 60


class Browser:
    """Chromium, for as long as the with statement lasts."""

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1200,800",
                            "--no-proxy-server"]}
        wanted = {"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}}
        self.session = ""
        try:
            for _ in range(PATIENCE * 10):
                try:
                    self.session = "/session/" + self.call("", wanted, path="/session")["sessionId"]
                    break
                except (ConnectionError, urllib.error.URLError):
                    time.sleep(0.1)
            if not self.session:
                raise RuntimeError("chromedriver does not answer")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.session:
            self.call("", method="DELETE")
        self.driver.terminate()
        self.driver.wait(PATIENCE)

    def call(self, command, body=None, method="POST", path=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + (path or self.session + command), data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]

    def open(self, url):
        self.call("/url", {"url": url})

    def run(self, script):
        """Runs JavaScript in the page, and gives what it returns."""
        return self.call("/execute/sync", {"script": script, "args": []})

    def until(self, script):
        """What the script returns, once that is something."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if value := self.run(script):
                return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}\n{self.text()}")

    def text(self):
        return re.sub(r"\s+", " ", self.run("return document.body.innerText"))

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("/screenshot", method="GET")))
