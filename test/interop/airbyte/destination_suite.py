from airbyte_cdk.test.standard_tests._job_runner import run_test_job
from airbyte_cdk.test.standard_tests._spec_lint import assert_spec_is_valid, get_single_spec
from airbyte_cdk.test.standard_tests.destination_base import DestinationTestSuiteBase
from executable import ExecutableSuite


class TestDestination(ExecutableSuite, DestinationTestSuiteBase):
    """The standard tests of destinations, and the lint of the specification, which the CDK runs for sources only."""

    def test_spec(self):
        root = self.get_connector_root_dir()
        result = run_test_job(self.create_connector(None), "spec", test_scenario=None, connector_root=root)
        assert_spec_is_valid(get_single_spec(result, connector_name=root.name), connector_name=root.name)
