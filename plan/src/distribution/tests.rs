use super::{Distribution as D, DistributionError as E};

fn all() -> Vec<D> {
    vec![
        D::uniform(1.0, 3.0).unwrap(),
        D::triangular(80.0, 100.0, 120.0).unwrap(),
        D::triangular(0.0, 0.0, 5.0).unwrap(),
        D::triangular(0.0, 5.0, 5.0).unwrap(),
        D::pert(1.0, 2.0, 4.0).unwrap(),
        D::pert(0.0, 0.0, 4.0).unwrap(),
        D::normal(10.0, 3.0).unwrap(),
        D::normal(-5.0, 2.0).unwrap(),
        D::lognormal_quantiles(4.0, 9.0).unwrap(),
        D::exponential(7.0).unwrap(),
        D::gamma(0.3, 2.0).unwrap(),
        D::gamma(50.0, 2.0).unwrap(),
        D::weibull(1.5, 3.0).unwrap(),
        D::beta(0.5, 0.5, 0.0, 2.0).unwrap(),
        D::beta(30.0, 3.0, -1.0, 2.0).unwrap(),
        D::exponential(7.0).unwrap().shifted(2.0).unwrap(),
        D::pert(1.0, 2.0, 4.0).unwrap().scaled(3.0).unwrap(),
        D::exponential(7.0).unwrap().truncated(1.0, 9.0).unwrap(),
    ]
}

#[test]
fn the_distribution_function_undoes_the_quantile() {
    for law in all() {
        for p in [
            1e-6, 0.01, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99, 0.999_999,
        ] {
            let x = law.quantile(p);
            assert!((law.cdf(x) - p).abs() < 1e-9, "{law:?} at {p}: {x}");
        }
    }
}

#[test]
fn supports_are_where_quantiles_end() {
    for law in all() {
        let (low, high) = law.support();
        assert!((law.quantile(0.0) - low).abs() < 1e-12, "{law:?}");
        assert_eq!(law.cdf(low - 1e-9), 0.0, "{law:?}");
        let top = law.quantile(1.0);
        assert!(
            top == high || (top - high).abs() < 1e-9,
            "{law:?}: {top} {high}"
        );
    }
}

/// The mean is the integral of the quantile: a midpoint sum in the middle and in each tail.
#[test]
fn means_agree_with_the_integral_of_the_quantile() {
    for law in all() {
        let mut sum = 0.0;
        let mut tail = 0.5;
        for _ in 0..40 {
            let n = 400;
            for i in 0..n {
                let v = tail * (0.5 + (f64::from(i) + 0.5) / f64::from(2 * n));
                let weight = tail / f64::from(2 * n);
                sum += weight * (law.quantile(v) + law.quantile(1.0 - v));
            }
            tail *= 0.5;
        }
        let mean = law.mean();
        assert!(
            (sum - mean).abs() < 2e-6 * mean.abs().max(1.0),
            "{law:?}: {sum} {mean}"
        );
    }
}

#[test]
fn means_in_closed_form() {
    let near =
        |law: D, mean: f64| assert!((law.mean() - mean).abs() < 1e-12 * mean.abs(), "{law:?}");
    near(D::pert(1.0, 2.0, 4.0).unwrap(), (1.0 + 8.0 + 4.0) / 6.0);
    near(D::triangular(1.0, 2.0, 6.0).unwrap(), 3.0);
    // A half-normal: σ √(2/π).
    near(
        D::normal(0.0, 1.0).unwrap(),
        (2.0 / std::f64::consts::PI).sqrt(),
    );
    // Γ(1 + 1/2) = √π / 2.
    near(
        D::weibull(2.0, 1.0).unwrap(),
        std::f64::consts::PI.sqrt() / 2.0,
    );
    near(D::discrete(vec![(1.0, 0.25), (5.0, 0.75)]).unwrap(), 4.0);
    near(D::empirical(vec![3.0, 1.0, 8.0]).unwrap(), 4.0);
    // Exp(1) cut at 1: (1 − 2/e) / (1 − 1/e).
    let e = std::f64::consts::E;
    near(
        D::exponential(1.0).unwrap().truncated(0.0, 1.0).unwrap(),
        (1.0 - 2.0 / e) / (1.0 - 1.0 / e),
    );
}

#[test]
fn lognormal_quantiles_are_recovered() {
    let law = D::lognormal_quantiles(4.0, 9.0).unwrap();
    assert!((law.quantile(0.5) - 4.0).abs() < 1e-12);
    assert!((law.quantile(0.9) - 9.0).abs() < 1e-12);
}

#[test]
fn the_normal_quantile_at_tabled_points() {
    // Abramowitz and Stegun, table 26.5: z of 0.975 and of 1 − 1e-10 (far tail).
    let z = super::special::normal_quantile;
    assert!((z(0.975) - 1.959_963_984_540_054).abs() < 1e-14);
    assert!((z(1e-10) + 6.361_340_902_404_056).abs() < 1e-12);
}

#[test]
fn discrete_laws_step() {
    let law = D::discrete(vec![(5.0, 0.3), (1.0, 0.2), (5.0, 0.5)]).unwrap();
    assert_eq!(
        law,
        D::Discrete {
            values: vec![(1.0, 0.2), (5.0, 0.8)]
        }
    );
    assert_eq!(law.quantile(0.2), 1.0);
    assert_eq!(law.quantile(0.21), 5.0);
    assert_eq!((law.below(1.0), law.cdf(1.0)), (0.0, 0.2));
    let kept = law.truncated(2.0, 9.0).unwrap();
    assert_eq!((kept.quantile(0.001), kept.mean()), (5.0, 5.0));
}

#[test]
fn empirical_quantiles_are_order_statistics() {
    let law = D::empirical(vec![4.0, 1.0, 3.0, 2.0]).unwrap();
    let quantiles: Vec<f64> = [0.0, 0.25, 0.26, 0.9, 1.0].map(|p| law.quantile(p)).into();
    assert_eq!(quantiles, [1.0, 1.0, 2.0, 4.0, 4.0]);
}

#[test]
fn equal_bounds_are_certain() {
    for law in [
        D::uniform(3.0, 3.0),
        D::triangular(3.0, 3.0, 3.0),
        D::pert(3.0, 3.0, 3.0),
        D::beta(2.0, 2.0, 3.0, 3.0),
        D::lognormal_quantiles(3.0, 3.0),
        D::normal(3.0, 0.0),
        D::empirical(vec![3.0, 3.0]),
        D::discrete(vec![(3.0, 1.0)]),
    ] {
        assert_eq!(law, Ok(D::constant(3.0)));
    }
}

#[test]
fn impossible_parameters_are_refused() {
    assert_eq!(D::pert(2.0, 1.0, 4.0), Err(E::Order(2.0, 1.0)));
    assert_eq!(D::uniform(2.0, 1.0), Err(E::Order(2.0, 1.0)));
    assert_eq!(D::exponential(0.0), Err(E::NotPositive("mean", 0.0)));
    assert_eq!(D::exponential(f64::NAN), Err(E::NotFinite("mean")));
    assert_eq!(D::normal(-1.0, 0.0), Err(E::NotPositive("sd", 0.0)));
    assert_eq!(D::empirical(vec![]), Err(E::Empty));
    assert_eq!(D::discrete(vec![]), Err(E::Empty));
    assert_eq!(D::discrete(vec![(1.0, 0.5)]), Err(E::Chances(0.5)));
    assert_eq!(
        D::uniform(0.0, 1.0).unwrap().truncated(2.0, 3.0),
        Err(E::NothingKept(2.0, 3.0))
    );
    let below = D::uniform(-1.0, 1.0).unwrap();
    assert_eq!(below.require_non_negative(), Err(E::Negative(-1.0)));
    assert_eq!(D::normal(1.0, 9.0).unwrap().require_non_negative(), Ok(()));
}

/// What was not built by a constructor, such as a law read from a file, may be none.
#[test]
fn what_is_no_law_has_no_quantile_and_says_so_at_once() {
    for shape in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let gamma = D::Gamma { shape, scale: 1.0 };
        assert!(gamma.quantile(0.5).is_nan(), "{shape}");
        let beta = D::Beta {
            alpha: 2.0,
            beta: shape,
            low: 0.0,
            high: 1.0,
        };
        assert!(beta.quantile(0.5).is_nan(), "{shape}");
    }
}

/// Next to where laws are taken as their limits, quantiles of both kinds differ by less than a
/// thousandth of the standard deviation; far beyond, they still come at once.
#[test]
fn large_shapes_are_taken_as_limits() {
    let beta = |alpha: f64, beta: f64| {
        let sd = (alpha * beta / (alpha + beta + 1.0)).sqrt() / (alpha + beta);
        let law = D::Beta {
            alpha,
            beta,
            low: 0.0,
            high: 1.0,
        };
        (law, sd)
    };
    let gamma = |shape: f64| (D::Gamma { shape, scale: 1.0 }, shape.sqrt());
    let (below, above) = (0.999_999e7, 1.000_001e7);
    let pairs = [
        (gamma(below), gamma(above), above - below),
        (beta(below, below), beta(above, above), 0.0),
        (beta(below, 3.0), beta(above, 3.0), 0.0),
        (beta(3.0, below), beta(3.0, above), 0.0),
    ];
    for ((exact, sd), (limit, _), apart) in pairs {
        for p in [0.001, 0.1, 0.5, 0.8, 0.999] {
            let error = (limit.quantile(p) - exact.quantile(p) - apart) / sd;
            assert!(error.abs() < 1e-3, "{exact:?} {p}: {error}");
        }
    }
    for (law, _) in [gamma(1e300), beta(1e300, 1e300), beta(2.0, 1e300)] {
        assert!(law.quantile(0.8).is_finite(), "{law:?}");
    }
}
