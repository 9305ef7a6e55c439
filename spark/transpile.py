"""Our marts in Spark SQL: python transpile.py [FOLDER], with sqlglot. Reads dbt/models, writes FOLDER/NN_name.sql (spark/sql).

sqlglot does what the two dialects share; `rewrite` does what it does not know. What a view reads decides their order.
"""

import re
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp

root = Path(__file__).resolve().parent.parent
wanted = ["mart_coverage", "mart_call_scores", "mart_win_correlation", "mart_framework_ab"]

# JSON is parsed once, and in Spark's own way: a brick's value keeps its kind by the first character of its JSON.
by_hand = {path.stem: path.read_text() for path in (root / "spark" / "by-hand").glob("*.sql")}


def read_model(name):
    (path,) = (root / "dbt" / "models").glob(f"*/{name}.sql")
    text = path.read_text()
    body = re.search(r"\nSELECT \* FROM \(\n(.*)\n\)\n$", text, re.S).group(1)
    return body, re.findall(r"\{\{ ref\('(\w+)'\) \}\}", text)


def in_order(names):
    """Each after what it reads."""
    done = []

    def visit(name):
        if name in done:
            return
        for need in read_model(name)[1]:
            visit(need)
        done.append(name)

    for name in names:
        visit(name)
    return done


def rewrite(node):
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        args = node.expressions
        if name == "make_timestamp" and isinstance(args[0], exp.Anonymous) and args[0].name.lower() == "epoch_us":
            return args[0].expressions[0]  # The session is in UTC, so an instant is its own wall clock.
        if name == "epoch_us":
            return exp.Anonymous(this="unix_micros", expressions=args)
        if name == "epoch":
            return exp.Anonymous(this="unix_timestamp", expressions=[exp.cast(args[0], "timestamp")])
        if name == "to_timestamp":
            return exp.Anonymous(this="timestamp_seconds", expressions=args)
        if name == "isfinite":
            x = args[0]
            return exp.and_(exp.Not(this=exp.Anonymous(this="isnan", expressions=[x.copy()])), exp.LT(this=exp.Abs(this=x.copy()), expression=exp.cast(exp.Literal.string("Infinity"), "double")))
        if name == "list_distinct":
            return exp.Anonymous(this="array_distinct", expressions=[exp.Anonymous(this="array_compact", expressions=args)])
    if isinstance(node, exp.CTE):
        node.set("materialized", None)
    if isinstance(node, exp.Cast) and node.to.is_type("array") and is_json(node.this.unnest()):
        return exp.Anonymous(this="FROM_JSON", expressions=[node.this.unnest().this, exp.Literal.string(node.to.sql("spark"))])
    if isinstance(node, exp.Order) and isinstance(node.parent, exp.AggFunc) and not isinstance(node.parent, exp.ArrayAgg):
        return node.this  # Spark adds up in no order of ours: the last bits may differ.
    if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue):
        return exp.Anonymous(this="ANY_VALUE", expressions=[node.this.this, exp.true()])
    if isinstance(node, exp.AnyValue) and not isinstance(node.parent, exp.IgnoreNulls):
        return exp.Anonymous(this="ANY_VALUE", expressions=[node.this, exp.true()])
    if isinstance(node, exp.Window) and isinstance(node.this, exp.RowNumber) and not (node.args.get("order") or node.alias):
        # Spark may number twice: the order has to be a fact. The rows are distinct in all of their columns.
        source = node.parent_select.args["from_"].this
        names = source.named_selects if isinstance(source, exp.Subquery) else []
        if not names:
            raise ValueError("rows are numbered in no order")
        return sqlglot.parse_one(f"ROW_NUMBER() OVER (ORDER BY {', '.join(names)})", read="spark")
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Filter):
        # Spark filters no window: what is left out is NULL to the aggregate.
        aggregate, where = node.this.this.copy(), node.this.expression.this
        kept = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
        aggregate.set("this", exp.Case(ifs=[exp.If(this=where.copy(), true=kept.copy())]))
        node.set("this", aggregate)
        return node
    if isinstance(node, exp.Filter) and is_ordered_list(node.this):
        return ordered_list(node.this, node.expression)
    if is_ordered_list(node) and not isinstance(node.parent, exp.Filter):
        return ordered_list(node)
    return node


def is_json(node):
    return isinstance(node, exp.ParseJSON) or (isinstance(node, exp.Cast) and node.to.is_type("json"))


def is_ordered_list(node):
    return isinstance(node, exp.ArrayAgg) and isinstance(node.this, exp.Order)


def ordered_list(node, where=None):
    """list(x ORDER BY key) FILTER (…): Spark's lists have no order of their own."""
    key, x = node.this.expressions[0].this, node.this.this
    pairs = f"COLLECT_LIST(STRUCT({key.sql('spark')} AS k, {x.sql('spark')} AS x))"
    kept = f"{pairs} FILTER({where.sql('spark')})" if where else pairs
    return sqlglot.parse_one(f"TRANSFORM(ARRAY_SORT({kept}), e -> e.x)", read="spark")


def rows_as_structs(tree):
    """An alias of a table as a value is its row."""
    for select in tree.find_all(exp.Select):
        sources = [select.args.get("from_")] + (select.args.get("joins") or [])
        aliases = {source.this.alias for source in sources if source and source.this.alias}
        for column in list(select.find_all(exp.Column)):
            if not column.table and column.name in aliases and column.parent_select is select:
                column.replace(exp.Anonymous(this="STRUCT", expressions=[exp.Column(this=exp.Star(), table=exp.to_identifier(column.name))]))
    return tree


def replaced_columns(tree):
    """SELECT * REPLACE (x AS c): the others, and c by itself."""
    for star in list(tree.find_all(exp.Star)):
        replaced = star.args.get("replace") or []
        if not replaced:
            continue
        select = star.parent_select
        star.set("replace", None)
        star.set("except_", [exp.to_identifier(alias.alias) for alias in replaced])
        select.set("expressions", [*select.expressions, *[alias.copy() for alias in replaced]])
    return tree


def numbered_rows(sql):
    """unnest(x) beside generate_subscripts(x, 1)."""
    return re.sub(
        r"EXPLODE\((\w+)\) AS (\w+),\s+GENERATE_SUBSCRIPTS\(\1, 1\) AS (\w+)\s+FROM (\w+)",
        r"\2,\n    \2_at + 1 AS \3\n  FROM (SELECT *, POSEXPLODE(\1) AS (\2_at, \2) FROM \4)",
        sql,
    )


def to_spark(name, body):
    tree = replaced_columns(sqlglot.parse_one(body, read="duckdb").transform(rewrite))
    tree = rows_as_structs(tree)
    return numbered_rows(tree.sql(dialect="spark", pretty=True))


def main():
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else root / "spark" / "sql"
    target.mkdir(exist_ok=True)
    for old in target.glob("*.sql"):
        old.unlink()
    for number, name in enumerate(in_order(wanted), 1):
        body, _ = read_model(name)
        sql = by_hand.get(name) or to_spark(name, body)
        head = f"-- Generated by spark/transpile.py (sqlglot {sqlglot.__version__}) from src/analytics; change it there.\n"
        (target / f"{number:02}_{name}.sql").write_text(f"{head}{sql.strip()}\n")


if __name__ == "__main__":
    main()
