//! Every distribution of the language against its distribution function and its moments.

use crate::program::{TRIALS, from_january, simulate, task};

/// A distribution as the language writes it, in days, with its exact figures. The literals come
/// from `scipy.stats`; the distribution function is written out here, so that the two check each
/// other.
struct Law {
    takes: &'static str,
    mean: f64,
    sd: f64,
    /// μ₄ ÷ σ⁴.
    kurtosis: f64,
    /// P10, P50 and P90.
    quantiles: [f64; 3],
    cdf: fn(f64) -> f64,
}

/// Φ.
fn normal(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

fn exponential(x: f64, mean: f64) -> f64 {
    1.0 - (-x / mean).exp()
}

/// triangular(1, 2, 5).
fn triangular(x: f64) -> f64 {
    if x < 2.0 {
        (x - 1.0).powi(2) / 4.0
    } else {
        1.0 - (5.0 - x).powi(2) / 12.0
    }
}

const CONTINUOUS: [Law; 14] = [
    Law {
        takes: "uniform(1d, 4d)",
        mean: 2.5,
        sd: 0.866_025_403_784,
        kurtosis: 1.8,
        quantiles: [1.3, 2.5, 3.7],
        cdf: |x| (x - 1.0) / 3.0,
    },
    Law {
        takes: "triangular(1d, 2d, 5d)",
        mean: 8.0 / 3.0,
        sd: 0.849_836_585_599,
        kurtosis: 2.4,
        quantiles: [1.632_455_532_034, 2.550_510_257_217, 3.904_554_884_990],
        cdf: triangular,
    },
    // α = 1 + 4 (m − a) ÷ (b − a) = 2, β = 1 + 4 (b − m) ÷ (b − a) = 4, and for whole α and β the
    // distribution function of a beta is a binomial tail: P(Bin(α + β − 1, y) ≥ α).
    Law {
        takes: "pert(1d, 2d, 5d)",
        mean: 7.0 / 3.0,
        sd: 0.712_696_645_100,
        kurtosis: 2.625,
        quantiles: [1.448_939_834_183, 2.255_240_681_823, 3.335_561_498_478],
        cdf: |x| {
            let y = (x - 1.0) / 4.0;
            1.0 - (1.0 - y).powi(5) - 5.0 * y * (1.0 - y).powi(4)
        },
    },
    // Truncated at zero: (Φ(z) − Φ(−μ/σ)) ÷ Φ(μ/σ).
    Law {
        takes: "normal(mean: 2d, sd: 1.5d)",
        mean: 2.270_706_590_303,
        sd: 1.278_790_350_824,
        kurtosis: 2.846_009_446_653,
        quantiles: [0.638_857_112_785, 2.171_849_662_338, 4.003_043_639_528],
        cdf: |x| {
            let below = normal(-2.0 / 1.5);
            (normal((x - 2.0) / 1.5) - below) / (1.0 - below)
        },
    },
    // σ = ln(P90 ÷ P50) ÷ z₀.₉, z₀.₉ = 1.281 551 565 545.
    Law {
        takes: "lognormal(p50: 4d, p90: 9d)",
        mean: 4.886_589_888_615,
        sd: 3.429_058_203_636,
        kurtosis: 15.291_172_340_605,
        quantiles: [16.0 / 9.0, 4.0, 9.0],
        cdf: |x| normal((x / 4.0).ln() / ((9.0_f64 / 4.0).ln() / 1.281_551_565_545)),
    },
    Law {
        takes: "exponential(mean: 2d)",
        mean: 2.0,
        sd: 2.0,
        kurtosis: 9.0,
        quantiles: [0.210_721_031_316, 1.386_294_361_120, 4.605_170_185_988],
        cdf: |x| exponential(x, 2.0),
    },
    // A whole shape is a sum of exponentials: the tail is that of a Poisson count.
    Law {
        takes: "gamma(scale: 1.5d, shape: 3)",
        mean: 4.5,
        sd: 2.598_076_211_353,
        kurtosis: 5.0,
        quantiles: [1.653_097_992_374, 4.011_090_470_585, 7.983_480_506_751],
        cdf: |x| {
            let y = x / 1.5;
            1.0 - (-y).exp() * (1.0 + y + y * y / 2.0)
        },
    },
    Law {
        takes: "weibull(scale: 3d, shape: 2)",
        mean: 2.658_680_776_358,
        sd: 1.389_754_125_528,
        kurtosis: 3.245_089_300_688,
        quantiles: [0.973_778_537_924, 2.497_663_833_473, 4.552_281_388_155],
        cdf: |x| 1.0 - (-(x / 3.0).powi(2)).exp(),
    },
    // P(Bin(4, y) ≥ 2).
    Law {
        takes: "beta(low: 1d, high: 5d, alpha: 2, beta: 3)",
        mean: 2.6,
        sd: 0.8,
        kurtosis: 2.357_142_857_143,
        quantiles: [1.570_237_266_840, 2.542_910_272_530, 3.718_157_665_113],
        cdf: |x| {
            let y = (x - 1.0) / 4.0;
            1.0 - (1.0 - y).powi(4) - 4.0 * y * (1.0 - y).powi(3)
        },
    },
    Law {
        takes: "shifted(exponential(mean: 1d), 2d)",
        mean: 3.0,
        sd: 1.0,
        kurtosis: 9.0,
        quantiles: [2.105_360_515_658, 2.693_147_180_560, 4.302_585_092_994],
        cdf: |x| exponential(x - 2.0, 1.0),
    },
    Law {
        takes: "scaled(triangular(1d, 2d, 5d), 1.5)",
        mean: 4.0,
        sd: 1.274_754_878_398,
        kurtosis: 2.4,
        quantiles: [2.448_683_298_051, 3.825_765_385_825, 5.856_832_327_485],
        cdf: |x| triangular(x / 1.5),
    },
    // (F(x) − F(1)) ÷ (F(4) − F(1)).
    Law {
        takes: "truncated(exponential(mean: 2d), 1d, 4d)",
        mean: 2.138_349_249_633,
        sd: 0.820_125_437_536,
        kurtosis: 2.169_174_831_614,
        quantiles: [1.161_741_232_558, 1.983_467_805_154, 3.402_505_386_811],
        cdf: |x| {
            let [low, high] = [exponential(1.0, 2.0), exponential(4.0, 2.0)];
            (exponential(x, 2.0) - low) / (high - low)
        },
    },
    // Both cuts at once: at zero by `normal` and, within that, to [1, 6].
    Law {
        takes: "truncated(normal(mean: 4d, sd: 2d), 1d, 6d)",
        mean: 3.709_625_105_695,
        sd: 1.289_472_770_023,
        kurtosis: 2.059_485_530_988,
        quantiles: [1.877_260_556_632, 3.769_260_228_744, 5.437_749_755_050],
        cdf: |x| (normal((x - 4.0) / 2.0) - normal(-1.5)) / (normal(1.0) - normal(-1.5)),
    },
    // 1.5 · (1 + U(0, 4) days): wrapping composes from the inside out.
    Law {
        takes: "scaled(shifted(uniform(0d, 4d), 1d), 1.5)",
        mean: 4.5,
        sd: 1.732_050_807_569,
        kurtosis: 1.8,
        quantiles: [2.1, 4.5, 6.9],
        cdf: |x| (x - 1.5) / 6.0,
    },
];

#[test]
fn quantiles_and_moments_of_every_continuous_distribution() {
    let tasks: Vec<String> = (0_u8..)
        .zip(&CONTINUOUS)
        .map(|(i, law)| task(&format!("law{i}"), &format!("takes = {}", law.takes), ""))
        .collect();
    let report = simulate(&from_january(&tasks.concat()), TRIALS);
    for (i, law) in (0_u8..).zip(&CONTINUOUS) {
        let finish = report.batch(&format!("law{i}"));
        finish
            .has_mean(law.mean, law.sd)
            .has_sd(law.sd, law.kurtosis)
            .has_quantiles(law.cdf);
        let n = TRIALS as f64;
        for (field, p, exact) in [
            ("p10", 0.1, law.quantiles[0]),
            ("p50", 0.5, law.quantiles[1]),
            ("p90", 0.9, law.quantiles[2]),
        ] {
            let here = (law.cdf)(exact);
            assert!(
                (here - p).abs() < 1e-9,
                "{}: F({exact}) = {here}",
                law.takes
            );
            // The standard error of a quantile is √(p (1 − p) ÷ n) ÷ f(q).
            let density = ((law.cdf)(exact + 1e-6) - (law.cdf)(exact - 1e-6)) / 2e-6;
            let margin = 4.0 * (p * (1.0 - p) / n).sqrt() / density;
            let found = finish.number(field);
            assert!(
                (found - exact).abs() < margin,
                "{} {field}: {found}, exact {exact}",
                law.takes
            );
        }
    }
}

/// P10, P50 and P90 of a law with atoms are atoms, as long as no level is where it jumps.
#[test]
fn quantiles_and_moments_of_what_has_atoms() {
    // The moments: mean Σ p x; variance Σ p x² − mean².
    let laws = [
        // 0.25 + 1 + 1.5 = 2.75; 0.25 + 2 + 9 − 2.75² = 3.6875.
        (
            "few",
            "discrete([1d: 25%, 2d: 50%, 6d: 25%])",
            [1.0, 2.0, 6.0],
            2.75,
            3.6875_f64,
        ),
        // 19 ÷ 5 = 3.8; 103 ÷ 5 − 3.8² = 6.16. F(2) = 0.4 and F(3) = 0.6 lie around one half.
        (
            "past",
            "empirical([8d, 1d, 3d, 2d, 5d])",
            [1.0, 3.0, 8.0],
            3.8,
            6.16,
        ),
        ("fixed", "constant(3d)", [3.0; 3], 3.0, 0.0),
        // 2 · (1 − 1) or 2 · (5 − 1) days: 0.6 · 8 = 4.8; 0.6 · 64 − 4.8² = 15.36.
        (
            "wrapped",
            "scaled(shifted(discrete([1d: 40%, 5d: 60%]), -1d), 2)",
            [0.0, 8.0, 8.0],
            4.8,
            15.36,
        ),
    ];
    let tasks: Vec<String> = laws
        .iter()
        .map(|(name, takes, ..)| task(name, &format!("takes = {takes}"), ""))
        .collect();
    let report = simulate(&from_january(&tasks.concat()), TRIALS);
    for (name, _, quantiles, mean, variance) in laws {
        let finish = report.batch(name);
        finish.has_mean(mean, variance.sqrt());
        for (field, exact) in ["p10", "p50", "p90"].into_iter().zip(quantiles) {
            let found = finish.number(field);
            assert!((found - exact).abs() < 1e-10, "{name} {field}: {found}");
        }
    }
}
