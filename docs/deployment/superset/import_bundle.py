"""Import the bundle of dashboards, in place of what an earlier bundle brought.

Run with Superset's own Python: `import_bundle.py eco_superset.zip USER`. Superset's command
`import-dashboards` leaves charts and datasets that are there as they are; this replaces them.
"""

import sys
from zipfile import ZipFile

from flask import g
from superset.app import create_app


def main(bundle: str, user: str) -> None:
    """Import a bundle as that user."""
    with create_app().app_context():
        # Superset's modules need the application.
        from superset import security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.commands.importers.v1.utils import get_contents_from_bundle

        g.user = security_manager.find_user(username=user)
        if g.user is None:
            sys.exit(f"Superset has no user {user}")
        with ZipFile(bundle) as opened:
            contents = get_contents_from_bundle(opened)
        metadata = contents["metadata.yaml"]
        contents["metadata.yaml"] = metadata.replace("type: Dashboard", "type: assets")
        ImportAssetsCommand(contents).run()
        print(f"imported: {bundle}")


if __name__ == "__main__":
    main(*sys.argv[1:])
