from airbyte_cdk.test.standard_tests.source_base import SourceTestSuiteBase
from executable import ExecutableSuite


class TestSource(ExecutableSuite, SourceTestSuiteBase):
    """The standard tests of sources."""
