-- Formulas for analysts, for one connection. No view uses them: a view must work for whoever opens the file.

-- NaN and infinities as NULL: NaN sorts above every number.
CREATE TEMP MACRO clean(x) AS CASE WHEN isfinite(x) THEN x END;

-- 95 % limits of a correlation r of n pairs (Fisher).
CREATE TEMP MACRO fisher_lo(r, n) AS CASE WHEN n > 3 AND abs(r) < 1 THEN tanh(atanh(r) - 1.959963984540054e0 / sqrt(n - 3)) END;
CREATE TEMP MACRO fisher_hi(r, n) AS CASE WHEN n > 3 AND abs(r) < 1 THEN tanh(atanh(r) + 1.959963984540054e0 / sqrt(n - 3)) END;

-- 95 % limits of a rate, k of n (Wilson).
CREATE TEMP MACRO wilson_lo(k, n) AS CASE WHEN n > 0 THEN greatest(0, (k + 1.9207294103470627e0 - 1.959963984540054e0 * sqrt(k * (n - k) / n + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) END;
CREATE TEMP MACRO wilson_hi(k, n) AS CASE WHEN n > 0 THEN least(1, (k + 1.9207294103470627e0 + 1.959963984540054e0 * sqrt(k * (n - k) / n + 0.9603647051735313e0)) / (n + 3.8414588206941254e0)) END;
