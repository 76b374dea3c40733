//! Bars: a figure of weir, that of a peer, and whether it is good enough.

use serde_json::{Value, json};

use crate::numbers::{self, ratio, three_digits};
use crate::table::Table;

/// One line of a table: a figure of weir, of its peer, of the floor.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) weir: Option<f64>,
    pub(super) peer: Option<f64>,
    pub(super) floor: Option<f64>,
    pub(super) bars: &'static [Bar],
}

/// What a table compares weir with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    /// What is measured.
    pub(super) weir: &'static str,
    pub(super) peer: Option<&'static str>,
    pub(super) floor: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    /// Processor seconds for each 10^9 bytes.
    PerGb,
    /// Processor seconds for each packet.
    PerPacket,
    Players,
    /// Responses a second.
    Rate,
    Bytes,
    Seconds,
    Share,
    Times,
    /// Cores in use.
    Cores,
}

/// A limit for weir's figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    of: Of,
    at_most: bool,
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Of {
    /// The figure as it is.
    Itself,
    Peer,
    Floor,
}

pub(super) const fn at_most(limit: f64, of: Of) -> Bar {
    Bar { of, at_most: true, limit }
}

pub(super) const fn at_least(limit: f64, of: Of) -> Bar {
    Bar { of, at_most: false, limit }
}

impl Line {
    fn against(&self, of: Of) -> Option<f64> {
        match of {
            Of::Itself => self.weir,
            Of::Peer => ratio(self.weir?, self.peer?),
            Of::Floor => ratio(self.weir?, self.floor?),
        }
    }

    /// Whether every bar is met; `None` when something was not measured, or there is no bar.
    fn met(&self) -> Option<bool> {
        let met = |all, bar: &Bar| {
            let value = self.against(bar.of)?;
            Some(all && if bar.at_most { value <= bar.limit } else { value >= bar.limit })
        };
        self.bars.iter().try_fold(true, met).filter(|_| !self.bars.is_empty())
    }

    fn cells(&self, columns: Columns) -> Vec<String> {
        let figure = |n: Option<f64>| n.map_or("–".to_owned(), |n| self.unit.show(n));
        let times = |of| self.against(of).map_or("–".to_owned(), |n| format!("{} ×", three_digits(n)));
        let bars: Vec<String> = self.bars.iter().map(|bar| bar.show(self.unit, columns)).collect();
        let mut cells = vec![self.what.clone(), figure(self.weir)];
        cells.extend(columns.peer.map(|_| figure(self.peer)));
        cells.extend(columns.floor.then(|| figure(self.floor)));
        cells.extend(columns.peer.map(|_| times(Of::Peer)));
        cells.extend(columns.floor.then(|| times(Of::Floor)));
        cells.push(bars.join(", "));
        cells.push(self.met().map_or("–", |met| if met { "yes" } else { "no" }).to_owned());
        cells
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "case": self.what,
            "weir": self.weir,
            "peer": self.peer,
            "floor": self.floor,
            "by_peer": self.against(Of::Peer),
            "by_floor": self.against(Of::Floor),
            "met": self.met(),
        })
    }
}

impl Unit {
    fn show(self, n: f64) -> String {
        match self {
            Unit::PerGb => format!("{} s/GB", three_digits(n)),
            Unit::PerPacket => numbers::micros(n),
            Unit::Players => format!("{n:.0}"),
            Unit::Rate => format!("{n:.0}/s"),
            Unit::Bytes => numbers::bytes(n),
            Unit::Seconds => numbers::millis(n),
            Unit::Share => format!("{n:.3}"),
            Unit::Times => format!("{n:.2} ×"),
            Unit::Cores => format!("{} % of a core", three_digits(n * 100.0)),
        }
    }
}

impl Bar {
    fn show(self, unit: Unit, columns: Columns) -> String {
        let sign = if self.at_most { "≤" } else { "≥" };
        match self.of {
            Of::Itself => format!("{sign} {}", unit.show(self.limit)),
            Of::Peer => format!("{sign} {} × {}", self.limit, columns.peer.unwrap_or("peer")),
            Of::Floor => format!("{sign} {} × floor", self.limit),
        }
    }
}

/// The table of the bars.
pub(super) fn table(lines: &[Line], columns: Columns) -> Table {
    let by = |name: &str| format!("by {name}");
    let mut head = vec!["case".to_owned(), columns.weir.to_owned()];
    head.extend(columns.peer.map(str::to_owned));
    head.extend(columns.floor.then(|| "floor".to_owned()));
    head.extend(columns.peer.map(by));
    head.extend(columns.floor.then(|| by("floor")));
    head.extend(["weir must reach", "met"].map(str::to_owned));
    let mut table = Table::new(head);
    lines.iter().for_each(|line| table.row(line.cells(columns)));
    table
}

#[cfg(test)]
mod tests;
