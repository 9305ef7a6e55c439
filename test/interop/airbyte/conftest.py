"""The CDK's standard tests drive Python classes; here they drive an executable as a process of its own."""

import os
import subprocess

from airbyte_cdk.test import entrypoint_wrapper
from airbyte_cdk.test.entrypoint_wrapper import EntrypointOutput

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks"]


def run_executable(source, args, expecting_exception=None, *, expected_outcome=None):
    done = subprocess.run([os.environ["CONNECTOR"], *args], capture_output=True, text=True, check=False)
    output = EntrypointOutput(messages=done.stdout.splitlines(), uncaught_exception=None)
    # A failure has an exit code and a reason, or neither.
    assert (done.returncode == 0) == (not output.errors), (done.returncode, done.stdout[-2000:])
    assert done.stderr == "", done.stderr
    return output


entrypoint_wrapper._run_command = run_executable
