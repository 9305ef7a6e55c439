"""What both suites share: where the connector's test configuration lies, and an object that stands for the executable."""

import os
from pathlib import Path


class Executable:
    def spec(self, logger):
        raise NotImplementedError


class ExecutableSuite:
    @classmethod
    def get_connector_root_dir(cls):
        return Path(os.environ["CONNECTOR_ROOT"])

    @classmethod
    def create_connector(cls, scenario):
        return Executable()
