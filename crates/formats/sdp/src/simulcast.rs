//! Layers of one picture sent at once: `a=rid` and `a=simulcast`.

use std::fmt;

use crate::text::is_token;

/// A name for one RTP stream of a section: RFC 8851 clause 10.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rid {
    /// The name, letters and digits.
    pub id: String,
    /// Who sends it.
    pub direction: RidDirection,
    /// `pt=` and limits of size and rate, as written; empty when there are none.
    pub restrictions: String,
}

/// Who sends a stream: seen from the one that writes the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RidDirection {
    /// The writer.
    Send,
    /// The reader.
    Recv,
}

/// `a=simulcast`: RFC 8853 clause 5.1. Its order is one of preference by the letter; browsers write the smallest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simulcast {
    /// What the writer sends: for each stream its alternatives, of which one is chosen.
    pub send: Vec<Vec<SimulcastStream>>,
    /// What the writer takes.
    pub recv: Vec<Vec<SimulcastStream>>,
}

/// One alternative for a stream of simulcast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulcastStream {
    /// The name of a [`Rid`].
    pub rid: String,
    /// When it does not start by itself (`~`).
    pub paused: bool,
}

impl Rid {
    pub(crate) fn parse(value: &str) -> Option<Rid> {
        let mut parts = value.splitn(3, ' ');
        let id = parts.next().filter(|id| is_rid(id))?.to_owned();
        let direction = match parts.next()? {
            "send" => RidDirection::Send,
            "recv" => RidDirection::Recv,
            _ => return None,
        };
        Some(Rid { id, direction, restrictions: parts.next().unwrap_or_default().trim().to_owned() })
    }
}

impl fmt::Display for Rid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.restrictions.is_empty() { "" } else { " " };
        write!(f, "rid:{} {}{space}{}", self.id, self.direction.word(), self.restrictions)
    }
}

impl RidDirection {
    fn word(self) -> &'static str {
        match self {
            RidDirection::Send => "send",
            RidDirection::Recv => "recv",
        }
    }
}

impl Simulcast {
    /// True when it names no stream.
    pub fn is_empty(&self) -> bool {
        self.send.is_empty() && self.recv.is_empty()
    }

    pub(crate) fn parse(value: &str) -> Option<Simulcast> {
        let mut simulcast = Simulcast::default();
        let mut words = value.split_ascii_whitespace();
        while let Some(word) = words.next() {
            let list = words.next()?.split(';').map(alternatives).collect::<Option<Vec<_>>>()?;
            let place = match word {
                "send" => &mut simulcast.send,
                "recv" => &mut simulcast.recv,
                _ => return None,
            };
            if !place.is_empty() {
                return None;
            }
            *place = list;
        }
        (!simulcast.is_empty()).then_some(simulcast)
    }
}

fn alternatives(text: &str) -> Option<Vec<SimulcastStream>> {
    text.split(',')
        .map(|text| {
            let rid = text.strip_prefix('~').unwrap_or(text);
            is_rid(rid).then(|| SimulcastStream { rid: rid.to_owned(), paused: text.starts_with('~') })
        })
        .collect()
}

/// Letters, digits, and what the first drafts allowed beside them.
fn is_rid(text: &str) -> bool {
    is_token(text) && !text.starts_with('~')
}

impl fmt::Display for Simulcast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("simulcast:")?;
        let lists = [("send", &self.send), ("recv", &self.recv)];
        for (i, (word, list)) in lists.iter().filter(|(_, list)| !list.is_empty()).enumerate() {
            write!(f, "{}{word} ", if i == 0 { "" } else { " " })?;
            for (i, alternatives) in list.iter().enumerate() {
                f.write_str(if i == 0 { "" } else { ";" })?;
                for (i, stream) in alternatives.iter().enumerate() {
                    let pause = if stream.paused { "~" } else { "" };
                    write!(f, "{}{pause}{}", if i == 0 { "" } else { "," }, stream.rid)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
