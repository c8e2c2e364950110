"""Sign the folders of a package by model-signing, or check their signatures, as a program of its own.

It runs in the environment `signing`, with a request as JSON on standard input: `folders`, `public_key`
(PEM), and to sign `private_key`, a path, with its `password`. A signature covers every other file of its
folder by name and SHA-256; it lies beside them, as `model.sig`. What was signed is checked with the
public key, so that a key which does not fit is found before anything leaves. A signature holds a random
number, so two of the same files differ.

Not covered: whose the key is. Whoever checks a signature must have the public key by another way than the
files; certificates, and Sigstore's identities with their public log, are not used.
"""

import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synthia.errors import PipelineError, UsageError

NAME = "model.sig"


def sign(folders: Sequence[Path], private_key: Path, password: str) -> None:
    """Write each folder's signature. Raises UsageError for a key that cannot be used."""
    from model_signing import signing

    config = signing.Config()
    try:
        # The library hands the password on as it is, and what takes it wants bytes.
        secret: Any = password.encode() or None
        config.use_elliptic_key_signer(private_key=private_key, password=secret)
    except (ValueError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{private_key} is no key to sign with ({error}): it must be an EC private key (PEM) on the "
            "curve P-256, P-384 or P-521, and its password, if any, the one given"
        ) from None
    for folder in folders:
        config.set_hashing_config(_hashed(folder)).sign(folder, folder / NAME)


def check(folders: Sequence[Path], public_key: str) -> None:
    """Raise PipelineError unless each folder's signature fits its files and the key."""
    from cryptography.exceptions import InvalidSignature
    from model_signing import verifying

    with tempfile.NamedTemporaryFile("w", suffix=".pem") as pem:
        pem.write(public_key)
        pem.flush()
        config = verifying.Config()
        try:
            config.use_elliptic_key_verifier(public_key=Path(pem.name))
        except (ValueError, TypeError, AttributeError) as error:
            raise UsageError(f"hub.public_key is no EC public key (PEM): {error}") from None
        for folder in folders:
            try:
                config.set_hashing_config(_hashed(folder)).verify(folder, folder / NAME)
            except (ValueError, OSError, LookupError, InvalidSignature) as error:
                raise PipelineError(
                    f"{folder.name}/{NAME} is no signature of these files by hub.public_key: "
                    f"{error or type(error).__name__}"
                ) from None


def _hashed(folder: Path) -> Any:
    """Every file of a folder but the signature itself."""
    from model_signing import hashing

    config = hashing.Config()
    return config.set_ignored_paths(paths=[folder / NAME], ignore_git_paths=True)


def main() -> int:
    """Do what the request says; returns an exit code of the error family."""
    request: Mapping[str, Any] = json.load(sys.stdin)
    folders = [Path(folder) for folder in request["folders"]]
    try:
        if "private_key" in request:
            sign(folders, Path(request["private_key"]), request["password"])
        check(folders, request["public_key"])
    except PipelineError as error:
        print(f"signature: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
