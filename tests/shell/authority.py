"""A certificate authority for tests, made with openssl: a broker's certificate, and one for each mat."""

import shutil
import subprocess
from pathlib import Path

import pytest

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl in a folder."""
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def make_authority(folder: Path) -> None:
    """Make `ca.crt` and a certificate of this machine, `server.crt` and `server.key`."""
    folder.mkdir(parents=True, exist_ok=True)
    usage = ["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"]
    openssl(
        folder, "req", "-x509", *EC, "-days", "2", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test", *usage
    )
    certify(folder, "server", "localhost")


def make_papers(folder: Path, *mats: str) -> None:
    """Make certificates of an authority here, and of one that nobody knows in `foreign`; skip without openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: sudo apt install openssl")
    for each in (folder, folder / "foreign"):
        make_authority(each)
        for mat in mats:
            certify(each, mat, mat)


def certify(folder: Path, name: str, common_name: str) -> None:
    """Make `<name>.crt` and `<name>.key` for one who is called `common_name`."""
    openssl(folder, "req", *EC, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={common_name}")
    (folder / "more").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "2", "-out", f"{name}.crt", "-extfile", "more",
    )  # fmt: skip
