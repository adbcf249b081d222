"""`python -m app [port]`: start Uzor on 127.0.0.1 from any folder, and say where it is."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Serve until stopped; the port is 8501 or the first argument."""
    os.chdir(ROOT)  # Streamlit finds the project's .streamlit/config.toml through the working directory
    port = sys.argv[1] if len(sys.argv) > 1 else "8501"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"uzor: {port!r} is not a port; write `python -m app 8501` (1–65535)")
    from app import demo
    from app.asgi import app
    from eval.workspace import home_from_environment

    demo.begin(home_from_environment())

    sys.stdout.write(f"Uzor: http://127.0.0.1:{port}  (stop with Ctrl+C)\n")
    sys.stdout.flush()
    app.run(config={"server.port": int(port)})


if __name__ == "__main__":
    main()
