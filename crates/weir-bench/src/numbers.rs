//! Smallest, middle, largest; percentiles; numbers as people read them.

/// The shape of a set of measurements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// `None` of nothing.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values.into_iter().collect();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            min: *sorted.first()?,
            median: percentile(&sorted, 50.0)?,
            p90: percentile(&sorted, 90.0)?,
            p99: percentile(&sorted, 99.0)?,
            max: *sorted.last()?,
        })
    }
}

/// The smallest value that at least `percent` of all do not exceed (nearest rank), of values in order.
pub(crate) fn percentile(sorted: &[f64], percent: f64) -> Option<f64> {
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1).min(sorted.len().saturating_sub(1))).copied()
}

/// `a / b`, `None` where that means nothing.
pub(crate) fn ratio(a: f64, b: f64) -> Option<f64> {
    (b > 0.0 && a.is_finite()).then(|| a / b)
}

/// Bytes with a decimal unit: `1.50 MB`.
pub(crate) fn bytes(n: f64) -> String {
    scaled(n, &["B", "KB", "MB", "GB", "TB"])
}

/// Bits a second with a decimal unit: `600.0 kb/s`.
pub(crate) fn bit_rate(bits: f64) -> String {
    scaled(bits, &["b/s", "kb/s", "Mb/s", "Gb/s"])
}

/// Seconds as milliseconds with three digits: `1.25 ms`, `160 ms`.
pub(crate) fn millis(seconds: f64) -> String {
    format!("{} ms", three_digits(seconds * 1e3))
}

/// Seconds as microseconds with three digits: `1.25 µs`.
pub(crate) fn micros(seconds: f64) -> String {
    format!("{} µs", three_digits(seconds * 1e6))
}

/// Three digits that count: `0.0123`, `1.23`, `12.3`, `1234`.
pub(crate) fn three_digits(n: f64) -> String {
    if n == 0.0 || !n.is_finite() {
        return format!("{n}");
    }
    let digits = (2 - n.abs().log10().floor() as i32).clamp(0, 6);
    format!("{n:.*}", digits as usize)
}

fn scaled(mut n: f64, units: &[&str]) -> String {
    let mut left = units.iter();
    let mut unit = left.next().copied().unwrap_or_default();
    for larger in left {
        if n.abs() < 1000.0 {
            break;
        }
        n /= 1000.0;
        unit = larger;
    }
    format!("{} {unit}", three_digits(n))
}

#[cfg(test)]
mod tests;
