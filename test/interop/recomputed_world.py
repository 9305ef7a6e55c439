"""The raw streams as the words of the specification understand them: outcomes of deals, runs that count, answers with points."""

import datetime
import json
import math
from collections import Counter, defaultdict

import duckdb

Z = 1.959963984540054
DAY = 86400.0
NOT_NEW = ("renew", "expan", "upsell", "up-sell", "cross", "existing", "add-on")
ROLES = {
    **{key: 1 for key in ("pain_point", "feature_accuracy", "competitor_claim_valid", "pricing_tier_correct", "approved_messaging_used")},
    **{key: -1 for key in ("risk_flag", "pricing_misstated", "knowledge_gap", "discount_authority_exceeded", "packaging_outdated")},
    **{key: -1 for key in ("commercial_risk_level", "drift_category", "drift_severity")},
}
PRICING = ("pricing_tier_correct", "discount_authority_exceeded", "packaging_outdated", "commercial_risk_level")
MESSAGING = ("approved_messaging_used", "drift_category", "drift_severity")


def read(path):
    connection = duckdb.connect(path, read_only=True)
    connection.execute("SET TimeZone = 'UTC'")

    def rows(table, columns):
        found = connection.execute(f"SELECT {columns} FROM {table}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]

    def seconds(*names):
        return ", ".join(f"epoch_us({name}) / 1e6 AS {name}" for name in names)

    calls = rows("calls", "* REPLACE (" + seconds("started_at", "context_read_at", "extracted_at", "closed_seen_at") + ", close_date_now::VARCHAR AS close_date_now)")
    runs = rows("semarize_runs", "* REPLACE (" + seconds("requested_at") + ", bricks::VARCHAR AS bricks)")
    return calls, runs


def utc(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc)


def week_of(at):
    day = utc(at).date()
    return (day - datetime.timedelta(days=day.weekday())).isoformat()


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values) if values else None


def pearson(xs, ys):
    mx, my = mean(xs), mean(ys)
    sxy = math.fsum((x - mx) * (y - my) for x, y in zip(xs, ys))
    return sxy / math.sqrt(math.fsum((x - mx) ** 2 for x in xs) * math.fsum((y - my) ** 2 for y in ys))


def percentile(values, share):
    place = (len(values) - 1) * share
    low = int(place)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (place - low)


def wilson(k, n):
    if n == 0:
        return None, None
    centre, half = (k + Z * Z / 2) / (n + Z * Z), Z * math.sqrt(k * (n - k) / n + Z * Z / 4) / (n + Z * Z)
    return max(0, centre - half), min(1, centre + half)


class Meanings:
    """What the settings and the names in common use say of bricks: exact kit first, then any kit, then the name."""

    def __init__(self, settings):
        self.bricks = {("*", key): {"role": key, "direction": direction} for key, direction in ROLES.items()}
        self.bricks[("*", "overall_score")] = {"role": "score"}
        for row in sorted(settings.get("bricks", []), key=lambda row: "kit_code" in row):
            kit, key = row.get("kit_code", "*"), row["brick_key"]
            self.bricks[(kit, key)] = {**self.bricks.get(("*", key), {}), **row}
        self.levels = {("*", "commercial_risk_level", level): {"meaning": level} for level in ("high", "medium", "low")}
        for row in settings.get("levels", []):
            place = (row.get("kit_code", "*"), row["brick_key"], row["level"])
            self.levels[place] = {**self.levels.get(place, {}), **row}

    def brick(self, kit, key):
        return self.bricks.get((kit, key)) or self.bricks.get(("*", key)) or {}

    def level(self, kit, key, text):
        return self.levels.get((kit, key, text)) or self.levels.get(("*", key, text)) or {}


def answers_of(text):
    bricks = json.loads(text)
    return bricks if isinstance(bricks, dict) else {}


def answer(meanings, run, key, brick):
    meaning = meanings.brick(run["kit_code"], key)
    brick = brick if isinstance(brick, dict) else {}
    value = brick.get("value")
    confidence = brick.get("confidence")
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)) or not 0 <= confidence <= 1:
        confidence = None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and abs(value) >= 1e100:
        number = None
    else:
        number = value if is_number else None
    level = meanings.level(run["kit_code"], key, value) if isinstance(value, str) else {}
    points = None
    if isinstance(value, bool):
        points = 100.0 if value else 0.0
    elif number is not None:
        low, high = meaning.get("value_min"), meaning.get("value_max")
        points = number if low is None else 100 * (number - low) / (high - low)
    elif isinstance(value, str):
        points = level.get("points")
    if points is not None and meaning.get("direction") == -1:
        points = 100 - points
    evidence = brick.get("evidence")
    risk = level.get("meaning")
    if risk is None and meaning.get("role") == "commercial_risk_level" and isinstance(value, str):
        risk = value.lower() if value.lower() in ("high", "medium", "low") else None
    return {
        **{"key": key, "value": value, "number": number, "confidence": confidence, "points": points, "risk": risk},
        **{"role": meaning.get("role"), "weight": meaning.get("weight", 1), "element": meaning.get("element")},
        **{"in_deal_score": meaning.get("in_deal_score", False), "is_absent": value is None},
        "evidence": [evidence] if isinstance(evidence, str) else evidence if isinstance(evidence, list) else None,
        "flag": value if isinstance(value, bool) else None,
    }


def deals_of(calls):
    """Outcome and CRM values of each deal, from its newest context."""
    by_deal = defaultdict(list)
    for call in calls:
        if call["opportunity_id"] is not None:
            by_deal[call["opportunity_id"]].append(call)
    deals = {}
    for deal, of_deal in by_deal.items():
        newest = sorted(sorted(of_deal, key=lambda c: c["call_id"]), key=lambda c: (c["context_read_at"], c["started_at"]), reverse=True)[0]
        closed, won = newest["is_closed_now"], newest["is_won_now"]
        stage = (newest["stage_now"] or "").replace(" ", "").lower() if newest["stage_now"] in ("Closed Won", "Closed Lost", "closedwon", "closedlost") else ""
        if closed is None and won is None or closed and won is None:
            closed, won = (True, stage == "closedwon") if stage else (None, None)
        date = newest["close_date_now"]
        times = [datetime.datetime.fromisoformat(date + "T00:00:00+00:00").timestamp()] if date else []
        times += [call["closed_seen_at"] for call in of_deal if call["closed_seen_at"] is not None]
        deals[deal] = {
            **{"is_closed": closed, "is_won": won if closed else None, "closed_at": min(times, default=None) if closed else None},
            **{"amount": newest["amount_now"], "currency": newest["currency"], "type": newest["opportunity_type"]},
        }
    return deals


def deal_reason(call, deal):
    if deal is None:
        return "no_deal"
    if not deal["is_closed"]:
        return "deal_open"
    if deal["closed_at"] is None:
        return "no_close_time"
    if call["started_at"] >= deal["closed_at"]:
        return "after_close"
    if call["stage_at_call"] in ("Closed Won", "Closed Lost", "closedwon", "closedlost"):
        return "closed_stage_at_call"
    if call["is_private"]:
        return "private"
    if any(word in (deal["type"] or "").lower() for word in NOT_NEW):
        return "not_new_business"
    return None


def versions_of(runs, settings):
    counts = defaultdict(Counter)
    for run in runs:
        if run["status"] == "succeeded" and not run["is_sandbox"]:
            counts[run["kit_code"]][run["kit_version_id"]] += run["origin"] != "collected"
    pinned = {kit["code"]: kit["kit_version_id"] for kit in settings.get("kits", []) if "kit_version_id" in kit}
    return {kit: pinned.get(kit, found.most_common(1)[0][0]) for kit, found in counts.items()}


def current_runs(runs, versions):
    """The run that speaks for a call, kit and version: the newest that counts, else the newest."""
    best = {}
    for run in runs:
        if run["status"] != "succeeded" or run["is_sandbox"] or run["call_id"] is None:
            continue
        place = (run["call_id"], run["kit_code"], run["kit_version_id"])
        order = (run["origin"] != "collected", run["requested_at"], run["run_id"])
        if place not in best or order > best[place][0]:
            best[place] = (order, run)
    return [run for _, run in best.values()]


class World:
    def __init__(self, path, settings):
        calls, runs = read(path)
        self.settings = settings
        self.as_of = max(call["extracted_at"] for call in calls)
        self.calls = {call["call_id"]: call for call in calls if call["gone_at"] is None}
        self.deals = deals_of(self.calls.values())
        versions = versions_of(runs, settings)
        self.current = [run for run in current_runs(runs, versions) if run["call_id"] in self.calls]
        self.analysed = [run for run in self.current if run["kit_version_id"] == versions[run["kit_code"]]]
        meanings = Meanings(settings)
        self.meanings = meanings
        for run in self.analysed:
            run["answers"] = [answer(meanings, run, key, brick) for key, brick in answers_of(run["bricks"]).items()]
        people = {person["email"]: person for person in settings.get("people", [])}
        sources = {row["system"]: row["label"] for row in settings.get("sources", [])}
        for call in self.calls.values():
            person = people.get((call["owner_email"] or "").lower(), {})
            call["rep"], call["team"] = person.get("name", call["owner_name"]), person.get("team")
            call["source"] = sources.get(call["system"], "Gong")
            call["deal"] = self.deals.get(call["opportunity_id"])
            call["reason"] = deal_reason(call, call["deal"])

    def told(self):
        """Every answer of an analysed run of a conversation that is not private."""
        for run in self.analysed:
            call = self.calls[run["call_id"]]
            if not call["is_private"]:
                for each in run["answers"]:
                    yield run, call, each

