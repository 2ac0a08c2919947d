//! Special functions, from `libm` so that every platform agrees.
//!
//! Sources: Wichura's AS 241 for the normal quantile; DLMF 8.17.22 (continued fraction) for the
//! incomplete beta function; DLMF 8.11.4 (series) and 8.9.2 (continued fraction) for the
//! incomplete gamma function. Their inverses are safeguarded Newton steps on these.

const TINY: f64 = 1e-300;
const ROUNDS: u32 = 300;

pub(super) fn normal_density(z: f64) -> f64 {
    const SQRT_2_PI: f64 = 2.506_628_274_631_000_7;
    libm::exp(-0.5 * z * z) / SQRT_2_PI
}

pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// Φ⁻¹(p), relative accuracy about 1e-16 (Wichura 1988, AS 241, routine PPND16).
pub(super) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * polynomial(CENTRE_NUMERATOR, r) / polynomial(CENTRE_DENOMINATOR, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 {
        let r = r - 1.6;
        polynomial(MIDDLE_NUMERATOR, r) / polynomial(MIDDLE_DENOMINATOR, r)
    } else {
        let r = r - 5.0;
        polynomial(FAR_NUMERATOR, r) / polynomial(FAR_DENOMINATOR, r)
    };
    z.copysign(q)
}

const CENTRE_NUMERATOR: [f64; 8] = [
    3.387_132_872_796_366_5,
    1.331_416_678_917_843_8e2,
    1.971_590_950_306_551_3e3,
    1.373_169_376_550_946e4,
    4.592_195_393_154_987e4,
    6.726_577_092_700_87e4,
    3.343_057_558_358_813e4,
    2.509_080_928_730_122_7e3,
];
const CENTRE_DENOMINATOR: [f64; 8] = [
    1.0,
    4.231_333_070_160_091e1,
    6.871_870_074_920_579e2,
    5.394_196_021_424_751e3,
    2.121_379_430_158_659_7e4,
    3.930_789_580_009_271e4,
    2.872_908_573_572_194_3e4,
    5.226_495_278_852_854e3,
];
const MIDDLE_NUMERATOR: [f64; 8] = [
    1.423_437_110_749_683_5,
    4.630_337_846_156_546,
    5.769_497_221_460_691,
    3.647_848_324_763_204_5,
    1.270_458_252_452_368_4,
    2.417_807_251_774_506e-1,
    2.272_384_498_926_918_4e-2,
    7.745_450_142_783_414e-4,
];
const MIDDLE_DENOMINATOR: [f64; 8] = [
    1.0,
    2.053_191_626_637_759,
    1.676_384_830_183_803_8,
    6.897_673_349_851e-1,
    1.481_039_764_274_800_8e-1,
    1.519_866_656_361_645_7e-2,
    5.475_938_084_995_345e-4,
    1.050_750_071_644_416_9e-9,
];
const FAR_NUMERATOR: [f64; 8] = [
    6.657_904_643_501_103,
    5.463_784_911_164_114,
    1.784_826_539_917_291_3,
    2.965_605_718_285_048_7e-1,
    2.653_218_952_657_612_4e-2,
    1.242_660_947_388_078_4e-3,
    2.711_555_568_743_487_6e-5,
    2.010_334_399_292_288_1e-7,
];
const FAR_DENOMINATOR: [f64; 8] = [
    1.0,
    5.998_322_065_558_88e-1,
    1.369_298_809_227_358e-1,
    1.487_536_129_085_061_5e-2,
    7.868_691_311_456_133e-4,
    1.846_318_317_510_054_8e-5,
    1.421_511_758_316_446e-7,
    2.044_263_103_389_939_8e-15,
];

/// A beta law, with the logarithm of its beta function.
struct Beta {
    alpha: f64,
    beta: f64,
    ln_beta: f64,
}

impl Beta {
    fn new(alpha: f64, beta: f64) -> Self {
        let ln_beta = libm::lgamma(alpha) + libm::lgamma(beta) - libm::lgamma(alpha + beta);
        Self {
            alpha,
            beta,
            ln_beta,
        }
    }

    /// Its density at x in (0, 1).
    fn density(&self, x: f64) -> f64 {
        let ln = (self.alpha - 1.0) * libm::log(x) + (self.beta - 1.0) * libm::log1p(-x);
        libm::exp(ln - self.ln_beta)
    }

    /// The regularised incomplete beta function at x in (0, 1).
    fn cdf(&self, x: f64) -> f64 {
        let (alpha, beta) = (self.alpha, self.beta);
        // The fraction converges fast below the mean; above it, use the symmetry.
        if x > (alpha + 1.0) / (alpha + beta + 2.0) {
            return 1.0 - beta_fraction(beta, alpha, self.ln_beta, 1.0 - x);
        }
        beta_fraction(alpha, beta, self.ln_beta, x)
    }
}

/// The regularised incomplete beta function.
pub(super) fn beta_cdf(alpha: f64, beta: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    Beta::new(alpha, beta).cdf(x)
}

/// DLMF 8.17.22 by the modified Lentz method.
fn beta_fraction(a: f64, b: f64, ln_beta: f64, x: f64) -> f64 {
    let ln_front = a * libm::log(x) + b * libm::log1p(-x) - ln_beta;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    // Takes about √(a + b) rounds.
    for round in 1..100_000_u32 {
        let m = f64::from(round);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    libm::exp(ln_front) * fraction / a
}

/// Quantile of Beta(alpha, beta); NaN where that is no law.
pub(super) fn beta_quantile(alpha: f64, beta: f64, p: f64) -> f64 {
    if !(is_shape(alpha) && is_shape(beta)) {
        return f64::NAN;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    if alpha.min(beta) > LARGE {
        let mean = alpha / (alpha + beta);
        let sd = (mean * (1.0 - mean) / (alpha + beta)).sqrt();
        return (mean + sd * normal_quantile(p)).clamp(0.0, 1.0);
    }
    // Of two gamma laws whose ratio it is, the one of the large shape hardly varies.
    if alpha > LARGE {
        return 1.0 - (gamma_quantile(beta, 1.0 - p) / alpha).min(1.0);
    }
    if beta > LARGE {
        return (gamma_quantile(alpha, p) / beta).min(1.0);
    }
    let law = Beta::new(alpha, beta);
    invert(
        |x| law.cdf(x),
        |x| law.density(x),
        p,
        (0.0, 1.0),
        alpha / (alpha + beta),
    )
}

/// A gamma law with unit scale, with the logarithm of its gamma function.
struct Gamma {
    shape: f64,
    ln_gamma: f64,
}

impl Gamma {
    fn new(shape: f64) -> Self {
        Self {
            shape,
            ln_gamma: libm::lgamma(shape),
        }
    }

    /// Its density at x above 0.
    fn density(&self, x: f64) -> f64 {
        libm::exp((self.shape - 1.0) * libm::log(x) - x - self.ln_gamma)
    }

    /// The regularised lower incomplete gamma function at x above 0.
    fn cdf(&self, x: f64) -> f64 {
        if x < self.shape + 1.0 {
            gamma_series(self.shape, self.ln_gamma, x)
        } else {
            1.0 - gamma_fraction(self.shape, self.ln_gamma, x)
        }
    }
}

/// The regularised lower incomplete gamma function.
pub(super) fn gamma_cdf(shape: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if !x.is_finite() {
        return 1.0;
    }
    Gamma::new(shape).cdf(x)
}

/// DLMF 8.11.4.
fn gamma_series(shape: f64, ln_gamma: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    let mut n = shape;
    // Needs about √shape terms beyond the first few hundred; bounded for any shape.
    for _ in 0..100_000 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum * libm::exp(shape * libm::log(x) - x - ln_gamma)
}

/// DLMF 8.9.2 by the modified Lentz method: the upper function.
fn gamma_fraction(shape: f64, ln_gamma: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for round in 1..100_000_u32 {
        let i = f64::from(round);
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let change = d * c;
        fraction *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction * libm::exp(shape * libm::log(x) - x - ln_gamma)
}

/// Shapes from which on laws are taken as their limits, which differ by less than 10⁻³ of a standard
/// deviation: beta as normal or as gamma, gamma as the cube of a normal (Wilson and Hilferty, 1931).
const LARGE: f64 = 1e7;

/// Whether a law can have this shape: functions of others converge to nothing, and slowly.
fn is_shape(shape: f64) -> bool {
    shape > 0.0 && shape.is_finite()
}

/// Quantile of the gamma law with unit scale; NaN where that is no law.
pub(super) fn gamma_quantile(shape: f64, p: f64) -> f64 {
    if !is_shape(shape) {
        return f64::NAN;
    }
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if shape > LARGE {
        let ninth = 1.0 / (9.0 * shape);
        let root = 1.0 - ninth + normal_quantile(p) * ninth.sqrt();
        return shape * root * root * root;
    }
    let law = Gamma::new(shape);
    let mut high = shape + 1.0;
    while law.cdf(high) < p {
        high *= 2.0;
    }
    invert(
        |x| law.cdf(x),
        |x| law.density(x),
        p,
        (0.0, high),
        shape.min(0.5 * high),
    )
}

/// The root of `cdf(x) = p` in a bracket: Newton steps, bisection (towards zero by ratio, since
/// small shapes put small quantiles at tiny values) where they leave it.
fn invert(
    cdf: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> f64,
    p: f64,
    (mut low, mut high): (f64, f64),
    start: f64,
) -> f64 {
    let mut x = start;
    for _ in 0..ROUNDS {
        let error = cdf(x) - p;
        if error == 0.0 {
            return x;
        }
        if error < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - error / density(x);
        let next = if newton > low && newton < high {
            newton
        } else if low <= 0.0 {
            high / 16.0
        } else {
            f64::midpoint(low, high)
        };
        if (next - x).abs() <= 1e-15 * x.abs() || next <= f64::MIN_POSITIVE {
            return next;
        }
        x = next;
    }
    x
}
