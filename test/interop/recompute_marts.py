"""Computes marts once more from the raw streams, in plain Python and from the words of the specification, and prints them as JSON.

recompute_marts.py FILE SETTINGS, where FILE is a DuckDB file with the streams calls, transcripts and semarize_runs (DuckDB
only reads them; no view is asked) and SETTINGS is analytics.yaml as JSON. Prints {mart: [row, ...]}.
"""

import json
import sys
from collections import Counter, defaultdict
from datetime import date

from recomputed_world import DAY, MESSAGING, PRICING, World, mean, pearson, percentile, utc, week_of, wilson


def call_scores(world):
    rows = []
    scored_kits = {run["kit_code"] for run in world.analysed if any(a["role"] == "score" for a in run["answers"])}
    for run in world.analysed:
        call, told = world.calls[run["call_id"]], sorted(run["answers"], key=lambda a: a["key"])
        signals = [a for a in told if a["in_deal_score"] and a["points"] is not None]
        if run["kit_code"] in scored_kits:
            score = next((a["points"] for a in told if a["role"] == "score"), None)
        else:
            score = sum(a["weight"] * a["points"] for a in signals) / sum(a["weight"] for a in signals) if signals else None
        pain = next((a["value"] for a in told if a["role"] == "pain_point" and isinstance(a["value"], (str, list))), None)
        quotes = [a["evidence"] for a in told if a["role"] in ("score", "risk_flag", "pain_point") and a["evidence"] is not None]
        reason = "collected" if run["origin"] == "collected" else call["reason"]
        closed_at = call["deal"] and call["deal"]["closed_at"]
        confidences = [a["confidence"] for a in told if a["confidence"] is not None]
        rows.append(
            {
                **{"call_id": call["call_id"], "kit_code": run["kit_code"], "kit_version_id": run["kit_version_id"], "run_id": run["run_id"]},
                **{"score": score, "risk_flag": next((a["flag"] for a in told if a["role"] == "risk_flag"), None)},
                **{"pain_point": "; ".join(pain) if isinstance(pain, list) else pain, "evidence": [q for qs in quotes for q in qs] if quotes else None},
                **{"n_bricks": len(told), "n_null": sum(a["is_absent"] for a in told)},
                **{"mean_confidence": mean(confidences), "min_confidence": min(confidences, default=None)},
                **{"source": call["source"], "opportunity_id": call["opportunity_id"], "account_name": call["account_name"]},
                **{"rep": call["rep"], "team": call["team"], "week": week_of(call["started_at"]), "stage_at_call": call["stage_at_call"]},
                **{"is_eligible": reason is None, "exclusion_reason": reason, "is_won": call["deal"] and call["deal"]["is_won"]},
                **{"days_to_close": None if closed_at is None else (closed_at - call["started_at"]) / DAY, "origin": run["origin"]},
            }
        )
    return rows


def coverage(world):
    ran = {run["call_id"] for run in world.current}
    counted = {run["call_id"] for run in world.analysed if run["origin"] != "collected"}
    rows = defaultdict(Counter)
    for call in world.calls.values():
        row, status = rows[(week_of(call["started_at"]), call["team"])], call["transcript_status"]
        row["calls"] += 1
        row["private"] += bool(call["is_private"])
        row["with_transcript"] += status == "available"
        row["pending"] += status == "pending"
        row["gave_up"] += status == "gave_up"
        row["without_transcript"] += status not in ("available", "pending", "gave_up")
        row["with_run"] += call["call_id"] in ran
        row["with_opportunity"] += call["opportunity_id"] is not None
        row["ambiguous_opportunity"] += (call["opportunity_count"] or 0) > 1
        row["with_outcome"] += call["deal"] is not None and call["deal"]["is_won"] is not None
        row["eligible"] += call["call_id"] in counted and call["reason"] is None
    return [{"week": week, "team": team, **row} for (week, team), row in rows.items()]


def is_pricing_error(told):
    if told["role"] == "pricing_tier_correct":
        return told["flag"] is False
    return told["risk"] == "high" if told["role"] == "commercial_risk_level" else told["flag"] is True


def pricing_audit_weekly(world):
    groups = defaultdict(list)
    for _, call, told in world.told():
        if told["role"] in PRICING:
            groups[(week_of(call["started_at"]), call["team"], call["deal"] and call["deal"]["currency"])].append((call, told))
    rows = []
    for (week, team, currency), found in groups.items():
        tiers = [told["flag"] for _, told in found if told["role"] == "pricing_tier_correct" and told["flag"] is not None]
        errors = [(call, told) for call, told in found if is_pricing_error(told)]
        by_role = Counter(told["role"] for _, told in errors)
        exposed = {call["opportunity_id"]: call["deal"]["amount"] for call, _ in errors if call["deal"] and not call["deal"]["is_closed"]}
        amounts = [amount for amount in exposed.values() if amount is not None]
        amount = sum(amounts) if amounts or not exposed else None
        low, high = wilson(sum(tiers), len(tiers))
        rate = world.settings.get("settings", {}).get("assumed_leakage_rate")
        rows.append(
            {
                **{"week": week, "team": team, "currency": currency, "n_calls": len({call["call_id"] for call, _ in found})},
                **{"n_tier_checked": len(tiers), "tier_correct_n": sum(tiers), "tier_correct_rate": mean(map(float, tiers))},
                **{"tier_correct_low": low, "tier_correct_high": high, "discount_exceeded_n": by_role["discount_authority_exceeded"]},
                **{"packaging_outdated_n": by_role["packaging_outdated"], "risk_high_n": by_role["commercial_risk_level"]},
                **{"risk_medium_n": sum(told["risk"] == "medium" for _, told in found), "deals_exposed": len(exposed), "amount_exposed": amount},
                "amount_at_risk": None if amount is None or rate is None else amount * rate,
            }
        )
    return rows


def messaging_drift(world):
    events = world.settings.get("enablement", [])
    buckets, before = defaultdict(list), defaultdict(dict)
    for run, call, told in world.told():
        if told["role"] not in MESSAGING:
            continue
        day = utc(call["started_at"]).date()
        for element in {event["element"] for event in events}:
            if told["element"] not in (None, element):
                continue
            mine = [e for e in events if e["element"] == element and e.get("team") in (None, call["team"])]
            days = [((day - date.fromisoformat(event["trained_on"])).days, event) for event in mine]
            past = [(n, event.get("team") is None, event["event_id"]) for n, event in days if n >= 0]
            if past:
                n, _, event_id = min(past)
                buckets[(event_id, element, run["kit_code"], n // 7)].append((n, call, told, run))
            for n, event in days:
                if -30 <= n <= -1 and told["role"] == "approved_messaging_used" and told["flag"] is not None:
                    before[(event["event_id"], element, run["kit_code"])][(call["call_id"], told["key"])] = told["flag"]
    rows = []
    for (event_id, element, kit, bucket), found in buckets.items():
        used = [told["flag"] for _, _, told, _ in found if told["role"] == "approved_messaging_used" and told["flag"] is not None]
        severities = sorted(told["number"] for _, _, told, _ in found if told["role"] == "drift_severity" and told["number"] is not None)
        categories = Counter(told["value"] for _, _, told, _ in found if told["role"] == "drift_category" and isinstance(told["value"], str))
        baseline = before.get((event_id, element, kit), {}).values()
        rate, base = mean(map(float, used)), mean(map(float, baseline))
        low, high = wilson(sum(used), len(used))
        rows.append(
            {
                **{"event_id": event_id, "element": element, "bucket": bucket, "kit_code": kit, "kit_version_id": found[0][3]["kit_version_id"]},
                **{"days_since_enablement_min": min(n for n, *_ in found), "days_since_enablement_max": max(n for n, *_ in found)},
                **{"n_checked": len(used), "n_calls": len({call["call_id"] for _, call, _, _ in found}), "n_used": sum(used)},
                **{"n_reps": len({call["rep"] for _, call, _, _ in found} - {None}), "used_rate": rate, "used_rate_low": low, "used_rate_high": high},
                **{"severity_n": len(severities), "severity_mean": mean(severities)},
                **{"severity_p90": percentile(severities, 0.9) if severities else None, "baseline_n": len(baseline), "baseline_rate": base},
                **{"top_drift_category": min(categories, key=lambda c: (-categories[c], c.encode()), default=None)},
                **{"delta": None if rate is None or base is None else rate - base},
            }
        )
    return rows


def weighted(signals):
    return sum(told["weight"] * told["points"] for told in signals) / sum(told["weight"] for told in signals) if signals else None


def signals_of(found):
    """Newest value per source, kit and brick; one without points is no signal."""
    newest = {}
    for kit, call, told in found:
        place, order = (call["source"], kit, told["key"]), (-call["started_at"], call["call_id"])
        if place not in newest or order < newest[place][0]:
            newest[place] = (order, call, told)
    return {place: (call, told) for place, (_, call, told) in newest.items() if told["points"] is not None}


def unified_deal_score(world):
    by_deal, wanted = defaultdict(list), set()
    for run, call, told in world.told():
        if told["in_deal_score"]:
            wanted.add((run["kit_code"], told["key"]))
            if call["opportunity_id"] is not None and not told["is_absent"]:
                by_deal[call["opportunity_id"]].append((run["kit_code"], call, told))
    for (kit, key), brick in world.meanings.bricks.items():
        if brick.get("in_deal_score") and not any(k == key and kit in ("*", of) for of, k in wanted):
            wanted.add((kit, key))
    rows = []
    for deal, found in by_deal.items():
        signals = signals_of(found)
        if not signals:
            continue
        last_call = min(((-call["started_at"], call["call_id"]) for _, call, _ in found))[1]
        earlier = signals_of([each for each in found if each[1]["call_id"] != last_call])
        by_source = []
        for source in sorted({source for source, _, _ in signals}, key=str.encode):
            of_source = [(call, told) for (name, _, _), (call, told) in signals.items() if name == source]
            newest = min(of_source, key=lambda each: (-each[0]["started_at"], each[0]["call_id"]))[0]
            by_source.append(
                {
                    **{"source": source, "score": weighted([told for _, told in of_source]), "n_signals": len(of_source)},
                    **{"coverage": len(of_source) / len(wanted), "last_title": newest["title"]},
                }
            )
        missing = wanted - {(kit, key) for _, kit, key in signals}
        confidences = [told["confidence"] for _, told in signals.values() if told["confidence"] is not None]
        last_at = max(call["started_at"] for call, _ in signals.values())
        rows.append(
            {
                **{"opportunity_id": deal, "score": weighted([told for _, told in signals.values()]), "n_signals": len(signals)},
                **{"n_sources": len(by_source), "by_source": by_source, "coverage": 1 - len(missing) / len(wanted)},
                **{"missing_signals": sorted({key for _, key in missing}, key=str.encode) or None, "confidence_mean": mean(confidences)},
                **{"confidence_min": min(confidences, default=None), "staleness_days": int((world.as_of - last_at) // DAY)},
                **{"previous_score": weighted([told for _, told in earlier.values()])},
            }
        )
    return rows


def win_correlation(world):
    """Numbers and booleans at the level of the deal: mean, or share, over its eligible calls, against won and lost."""
    features = defaultdict(lambda: defaultdict(list))
    for run in world.analysed:
        call = world.calls[run["call_id"]]
        for told in run["answers"] if run["origin"] != "collected" else []:
            x = told["number"] if told["flag"] is None else float(told["flag"])
            if x is not None:
                kind = "number" if told["flag"] is None else "boolean"
                of_deals = features[(run["kit_code"], told["key"], kind)]
                if call["reason"] is None:
                    of_deals[call["opportunity_id"]].append(x)
    rows = []
    for (kit, key, kind), deals in features.items():
        xs = [mean(values) for values in deals.values()]
        won = [float(world.deals[deal]["is_won"]) for deal in deals]
        n, n_won, n_with = len(won), int(sum(won)), sum(x > 0 for x in xs)
        few = n < 30 or n_won < 10 or n - n_won < 10 or kind == "boolean" and not 10 <= n_with <= n - 10
        varies = n > 0 and max(xs) > min(xs) and 0 < n_won < n
        verdict = "no_outcome" if n == 0 else "no_variation" if n > 1 and not varies else "too_few" if few else "indicative" if n < 100 or min(n_won, n - n_won) < 20 else "usable"
        rows.append(
            {
                **{"kit_code": kit, "brick_key": key, "value_kind": kind, "n_deals": n, "n_won": n_won, "n_lost": n - n_won},
                **{"n_calls": sum(map(len, deals.values())), "verdict": verdict},
                **{"estimate": pearson(xs, won) if verdict in ("indicative", "usable") else None},
            }
        )
    return rows


def marts(world):
    return {
        "mart_win_correlation": win_correlation(world),
        "mart_call_scores": call_scores(world),
        "mart_coverage": coverage(world),
        "mart_pricing_audit_weekly": pricing_audit_weekly(world),
        "mart_messaging_drift": messaging_drift(world),
        "mart_unified_deal_score": unified_deal_score(world),
    }


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        print(json.dumps(marts(World(sys.argv[1], json.load(file)))))
