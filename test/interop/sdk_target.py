"""A target made with the Singer SDK that keeps nothing: it shows what every target of the SDK does with the messages of a tap."""

from singer_sdk import Sink, Target


class NothingSink(Sink):
    def process_record(self, record, context):
        pass

    def process_batch(self, context):
        pass


class NothingTarget(Target):
    name = "target-nothing"
    config_jsonschema = {"type": "object", "properties": {}}
    default_sink_class = NothingSink


NothingTarget.cli()
