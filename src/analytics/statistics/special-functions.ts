// Gamma and beta functions, on which every exact tail stands. Relative errors are below 1e-12 for the arguments of this room.

// Lanczos' approximation, g = 607/128, 15 terms (P. Godfrey, "A note on the computation of the convergent Lanczos complex Gamma
// approximation", 2001).
const lanczos = [
  0.9999999999999971, 57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202,
  3.399464998481189e-5, 4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5, 3.6899182659531625e-6,
];
const lanczosG = 607 / 128;
const halfLnTwoPi = 0.5 * Math.log(2 * Math.PI);

/** ln Γ(x). @param x > 0 */
export function lnGamma(x: number): number {
  const shift = x + lanczosG - 0.5;
  const series = lanczos.reduce((total, term, index) => total + (index === 0 ? term : term / (x - 1 + index)), 0);
  return (x - 0.5) * Math.log(shift) - shift + halfLnTwoPi + Math.log(series);
}

/** What Stirling's formula leaves of ln Γ(x). @param x ≥ 10 */
function stirlingRest(x: number): number {
  const square = x * x;
  return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / x;
}

/**
 * ln B(a, b). Differences of ln Γ of large arguments would lose digits, so large ones go through Stirling's formula (Didonato &
 * Morris, "Algorithm 708", ACM TOMS 18, 1992).
 */
export function lnBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  if (large < 10) return lnGamma(small) + lnGamma(large) - lnGamma(a + b);
  const rest = stirlingRest(large) - stirlingRest(a + b);
  const share = small / (a + b);
  if (small < 10) return lnGamma(small) + rest + small - small * Math.log(a + b) + (large - 0.5) * Math.log1p(-share);
  return (
    -0.5 * Math.log(large) +
    halfLnTwoPi +
    stirlingRest(small) +
    rest +
    (small - 0.5) * Math.log(share) +
    large * Math.log1p(-share)
  );
}

const precision = 1e-16;
const tiny = 1e-300;
/** The fractions below need about √max(a, b) steps. */
const mostSteps = 100_000;

/**
 * The regularised incomplete beta function I_x(a, b), by its continued fraction (Lentz).
 * @param x 0 to 1
 * @param rest 1 − x, where it is known better than by subtracting
 */
export function regularisedBeta(x: number, a: number, b: number, rest = 1 - x): number {
  if (x <= 0) return 0;
  if (rest <= 0) return 1;
  // The fraction converges on this side only.
  if (x > (a + 1) / (a + b + 2)) return 1 - regularisedBeta(rest, b, a, x);
  const front = Math.exp(a * Math.log(x) + b * Math.log(rest) - lnBeta(a, b)) / a;
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let step = 1; step <= mostSteps; step += 1) {
    const even = (step * (b - step) * x) / ((a + 2 * step - 1) * (a + 2 * step));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + step) * (a + b + step) * x) / ((a + 2 * step) * (a + 2 * step + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return front * fraction;
}

/** The upper regularised incomplete gamma function Q(a, x): a series below a + 1, a continued fraction above. @param x ≥ 0 */
export function regularisedGammaQ(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let total = term;
    for (let step = 1; step <= mostSteps && term > total * precision; step += 1) {
      term *= x / (a + step);
      total += term;
    }
    return 1 - front * total;
  }
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let step = 1; step <= mostSteps; step += 1) {
    const factor = -step * (step - a);
    b += 2;
    d = 1 / notZero(factor * d + b);
    c = notZero(b + factor / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return front * fraction;
}

function notZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
