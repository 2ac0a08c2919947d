//! How time grows with size.

/// The power of the size that time grows with: the slope of the least-squares line through the
/// logarithms of (size, time).
pub fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let over: f64 = logs.iter().map(|(a, b)| (a - x) * (b - y)).sum();
    over / logs.iter().map(|(a, _)| (a - x).powi(2)).sum::<f64>()
}
