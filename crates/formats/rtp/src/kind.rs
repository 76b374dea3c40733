//! [`Kind`]: which protocol a datagram belongs to, where one port serves all.

/// What a datagram on a port of WebRTC is, by its first two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A STUN message.
    Stun,
    /// A DTLS record.
    Dtls,
    /// An RTP packet, encrypted or not.
    Rtp,
    /// An RTCP packet, encrypted or not.
    Rtcp,
    /// Anything else: TURN channels, QUIC, ZRTP, noise.
    Unknown,
}

impl Kind {
    /// By the first byte (RFC 7983 clause 7), and for RTP and RTCP by the second (RFC 5761 clause 4).
    pub fn of(datagram: &[u8]) -> Kind {
        match datagram {
            [0..=3, ..] => Kind::Stun,
            [20..=63, ..] => Kind::Dtls,
            [128..=191, 192..=223, ..] => Kind::Rtcp,
            [128..=191, _, ..] => Kind::Rtp,
            _ => Kind::Unknown,
        }
    }
}

/// True for RTCP, false for RTP and for what is neither.
pub fn is_rtcp(datagram: &[u8]) -> bool {
    Kind::of(datagram) == Kind::Rtcp
}

/// The synchronization source of an RTP packet.
pub fn peek_ssrc(packet: &[u8]) -> Option<u32> {
    let (_, ssrc) = packet.first_chunk::<12>()?.split_last_chunk()?;
    (Kind::of(packet) == Kind::Rtp).then_some(u32::from_be_bytes(*ssrc))
}

/// The payload type of an RTP packet, 0 to 127.
pub fn peek_payload_type(packet: &[u8]) -> Option<u8> {
    let byte = packet.first_chunk::<12>()?.get(1)?;
    (Kind::of(packet) == Kind::Rtp).then_some(byte & 0x7f)
}

#[cfg(test)]
mod tests;
