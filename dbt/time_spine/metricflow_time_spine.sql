-- MetricFlow's calendar: a row a day.
SELECT unnest(generate_series(DATE '2015-01-01', DATE '2034-12-31', INTERVAL 1 DAY))::DATE AS date_day
