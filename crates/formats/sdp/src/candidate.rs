use std::fmt;

/// An address where an ICE agent may be reached: RFC 8839 clause 5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Alike for candidates of one kind from one interface.
    pub foundation: String,
    /// 1 for RTP, also for RTP and RTCP on one port.
    pub component: u16,
    /// How packets travel.
    pub transport: Transport,
    /// The higher, the sooner it is tried.
    pub priority: u32,
    /// An IP address, or a name that the peer resolves.
    pub address: String,
    /// The port; 9 for an active TCP candidate.
    pub port: u16,
    /// `host`, `srflx`, `prflx` or `relay`.
    pub typ: String,
    /// Address and port that a reflexive or relayed candidate stands for.
    pub related: Option<(String, u16)>,
    /// `active`, `passive` or `so`, with TCP: RFC 6544 clause 4.5.
    pub tcp_type: Option<String>,
    /// What else is said, in pairs: `generation 0` and the like.
    pub extensions: Vec<(String, String)>,
}

/// How packets of a candidate travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream of framed packets: RFC 4571.
    Tcp,
}

impl Candidate {
    /// Reads what stands behind `candidate:`, also with that word before it, as browsers hand it to scripts. `None` for
    /// what no agent here can use: an unknown transport, a port or priority out of range, something missing.
    pub fn parse(text: &str) -> Option<Candidate> {
        let text = text.trim();
        let mut words = text.strip_prefix("candidate:").unwrap_or(text).split_ascii_whitespace();
        let mut candidate = Candidate {
            foundation: words.next()?.to_owned(),
            component: words.next()?.parse().ok()?,
            transport: Transport::parse(words.next()?)?,
            priority: words.next()?.parse().ok()?,
            address: words.next()?.to_owned(),
            port: words.next()?.parse().ok()?,
            typ: words.next().filter(|word| *word == "typ").and_then(|_| words.next())?.to_owned(),
            related: None,
            tcp_type: None,
            extensions: Vec::new(),
        };
        let mut related = None;
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            match name {
                "raddr" => related = Some(value),
                "rport" => candidate.related = related.map(str::to_owned).zip(value.parse().ok()),
                "tcptype" => candidate.tcp_type = Some(value.to_owned()),
                _ => candidate.extensions.push((name.to_owned(), value.to_owned())),
            }
        }
        Some(candidate)
    }
}

/// As behind `a=`: `candidate:0 1 udp …`.
impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Candidate { foundation, component, transport, priority, address, port, typ, .. } = self;
        write!(f, "candidate:{foundation} {component} {transport} {priority} {address} {port} typ {typ}")?;
        if let Some((address, port)) = &self.related {
            write!(f, " raddr {address} rport {port}")?;
        }
        if let Some(tcp_type) = &self.tcp_type {
            write!(f, " tcptype {tcp_type}")?;
        }
        self.extensions.iter().try_for_each(|(name, value)| write!(f, " {name} {value}"))
    }
}

impl Transport {
    fn parse(word: &str) -> Option<Transport> {
        match word {
            _ if word.eq_ignore_ascii_case("udp") => Some(Transport::Udp),
            _ if word.eq_ignore_ascii_case("tcp") => Some(Transport::Tcp),
            _ => None,
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        })
    }
}

#[cfg(test)]
mod tests;
