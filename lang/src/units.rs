//! The units of the language: one table for reading, help and documentation.

use crate::Dimension;

pub(crate) const SECOND: f64 = 1.0;
pub(crate) const MINUTE: f64 = 60.0;
pub(crate) const HOUR: f64 = 3600.0;
pub(crate) const DAY: f64 = 86_400.0;
pub(crate) const WEEK: f64 = 604_800.0;
/// 365.25 / 12 days.
pub(crate) const MONTH: f64 = 2_629_800.0;
/// 365.25 days.
pub(crate) const YEAR: f64 = 31_557_600.0;

/// What a unit stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// As it is written behind a number.
    pub name: &'static str,
    /// How many base units it is: seconds, bytes, times or bytes per second.
    pub factor: f64,
    /// Working days it is, beside `factor`.
    pub working_days: f64,
    /// What it measures.
    pub dimension: Dimension,
}

const NONE: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: 0,
    money: 0,
};
const TIME: Dimension = Dimension { time: 1, ..NONE };
const WORKING: Dimension = Dimension { working: 1, ..NONE };
const BYTES: Dimension = Dimension { bytes: 1, ..NONE };
const RATE: Dimension = Dimension { time: -1, ..NONE };
const BYTE_RATE: Dimension = Dimension {
    time: -1,
    bytes: 1,
    ..NONE
};

const fn unit(name: &'static str, factor: f64, dimension: Dimension) -> Unit {
    Unit {
        name,
        factor,
        working_days: 0.0,
        dimension,
    }
}

/// Every unit that may touch a number.
pub const UNITS: [Unit; 25] = [
    unit("ms", 0.001, TIME),
    unit("s", SECOND, TIME),
    unit("min", MINUTE, TIME),
    unit("h", HOUR, TIME),
    unit("d", DAY, TIME),
    unit("w", WEEK, TIME),
    unit("mo", MONTH, TIME),
    unit("y", YEAR, TIME),
    unit("wh", HOUR, WORKING),
    Unit {
        name: "wd",
        factor: 0.0,
        working_days: 1.0,
        dimension: WORKING,
    },
    unit("kB", 1e3, BYTES),
    unit("MB", 1e6, BYTES),
    unit("GB", 1e9, BYTES),
    unit("TB", 1e12, BYTES),
    unit("PB", 1e15, BYTES),
    unit("KiB", 1024.0, BYTES),
    unit("MiB", 1_048_576.0, BYTES),
    unit("GiB", 1_073_741_824.0, BYTES),
    unit("TiB", 1_099_511_627_776.0, BYTES),
    unit("PiB", 1_125_899_906_842_624.0, BYTES),
    unit("rps", 1.0, RATE),
    unit("bps", 1.0 / 8.0, BYTE_RATE),
    unit("kbps", 1e3 / 8.0, BYTE_RATE),
    unit("Mbps", 1e6 / 8.0, BYTE_RATE),
    unit("Gbps", 1e9 / 8.0, BYTE_RATE),
];

/// Scales of plain numbers and money.
pub const SCALES: [(&str, f64); 3] = [("k", 1e3), ("M", 1e6), ("B", 1e9)];

/// The unit of a name.
pub(crate) fn find(name: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.name == name)
}

/// The scale of a name.
pub(crate) fn scale(name: &str) -> Option<f64> {
    SCALES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, factor)| *factor)
}

/// Whether a unit may stand behind `/`.
pub(crate) fn divides(unit: &Unit) -> bool {
    unit.dimension == TIME || unit.dimension == BYTES
}
