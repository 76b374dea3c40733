/// One payload type of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Payload {
    /// 0 to 127.
    pub pt: u8,
    /// The format's name in RTP, as written: `H264`, `opus`, `rtx`. Empty when nothing says what it is.
    pub encoding: String,
    /// Ticks of the RTP clock in a second.
    pub clock_rate: u32,
    /// Channels of sound, where they are said.
    pub channels: Option<u8>,
    /// Parameters of the format, as written; empty when there are none.
    pub fmtp: String,
    /// Feedback that may be sent: `nack`, `nack pli`, `transport-cc`, in order.
    pub feedback: Vec<String>,
}

/// Types that need no `rtpmap`: RFC 3551 clause 6. Only those still in use.
const STATIC: [(u8, &str, u32); 8] = [
    (0, "PCMU", 8_000),
    (3, "GSM", 8_000),
    (8, "PCMA", 8_000),
    (9, "G722", 8_000),
    (13, "CN", 8_000),
    (14, "MPA", 90_000),
    (26, "JPEG", 90_000),
    (33, "MP2T", 90_000),
];

impl Payload {
    /// A payload type as the `m=` line names it, before an `rtpmap` says more.
    pub(super) fn new(pt: u8) -> Payload {
        let (encoding, clock_rate) =
            STATIC.iter().find(|known| known.0 == pt).map_or(("", 0), |(_, encoding, rate)| (*encoding, *rate));
        Payload { pt, encoding: encoding.to_owned(), clock_rate, ..Payload::default() }
    }

    /// Takes what stands behind `rtpmap:` and the type: `opus/48000/2`.
    pub(super) fn set_map(&mut self, map: &str) -> Option<()> {
        let mut parts = map.trim().split('/');
        self.encoding = parts.next().filter(|encoding| !encoding.is_empty())?.to_owned();
        self.clock_rate = parts.next()?.trim().parse().ok()?;
        self.channels = parts.next().map(|channels| channels.trim().parse()).transpose().ok()?;
        Some(())
    }

    /// True when this is the format of that name.
    pub fn is(&self, encoding: &str) -> bool {
        self.encoding.eq_ignore_ascii_case(encoding)
    }

    /// A parameter of the format.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.fmtp.split(';').filter_map(|pair| pair.split_once('='));
        pairs.find(|pair| pair.0.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}
