"""The function by itself: `python -m unittest discover examples/direct/tests`."""

import base64
import importlib.util
import json
import unittest
from pathlib import Path

FUNCTION = Path(__file__).resolve().parent.parent / "functions" / "clean" / "app.py"


def load():
    spec = importlib.util.spec_from_file_location("clean", FUNCTION)
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    return app


class Clean(unittest.TestCase):
    def answers(self, *bodies):
        """What becomes of these records, in order."""
        encoded = [body if isinstance(body, bytes) else json.dumps(body).encode() for body in bodies]
        records = [
            {"recordId": str(number), "approximateArrivalTimestamp": 1796126400123, "data": base64.b64encode(body).decode()}
            for number, body in enumerate(encoded)
        ]
        answers = load().handler({"invocationId": "i", "records": records}, None)["records"]
        self.assertEqual([answer["recordId"] for answer in answers], [record["recordId"] for record in records])
        return [(answer["result"], base64.b64decode(answer["data"])) for answer in answers]

    def test_an_event_goes_on_as_a_line_with_the_columns_of_the_dataset(self):
        event = {"event_id": "e-1", "event_type": "Purchase", "session_id": "s-1", "amount": 12, "card": "4111"}
        [(result, line)] = self.answers(event)
        self.assertEqual(result, "Ok")
        self.assertTrue(line.endswith(b"\n"))
        self.assertEqual(
            json.loads(line),
            {
                "event_id": "e-1",
                "event_type": "purchase",
                "session_id": "s-1",
                "page": None,
                "amount": 12.0,
                "received_at": "2026-12-01 12:00:00.123",
            },
        )

    def test_what_robots_do_is_dropped(self):
        robot = {"event_id": "e-1", "event_type": "view", "user_agent": "Googlebot/2.1"}
        person = robot | {"user_agent": "Mozilla/5.0"}
        self.assertEqual([result for result, _ in self.answers(robot, person)], ["Dropped", "Ok"])

    def test_what_is_no_event_fails_as_it_came_and_the_others_go_on(self):
        bodies = [b"no JSON", b"\xff\xfe", [1], {"event_id": "e-1"}, {"event_id": "", "event_type": "view"}]
        answers = self.answers(*bodies, {"event_id": "e-2", "event_type": "view", "amount": True})
        self.assertEqual([result for result, _ in answers], ["ProcessingFailed"] * 5 + ["Ok"])
        self.assertEqual(answers[0][1], b"no JSON")
        self.assertIsNone(json.loads(answers[5][1])["amount"])


if __name__ == "__main__":
    unittest.main()
