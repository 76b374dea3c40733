//! [`Pictures`]: those of one codec, put together out of packets.

use weir_codec::Codec;
use weir_rtp::payload::{AccessUnit, Depacketizer, Fault, Piece};

/// Pictures of one codec.
pub(super) struct Pictures {
    codec: Codec,
    depacketizer: Depacketizer,
}

impl Pictures {
    pub(super) fn new(codec: Codec) -> Option<Pictures> {
        Depacketizer::new(codec).map(|depacketizer| Pictures { codec, depacketizer })
    }

    pub(super) fn codec(&self) -> Codec {
        self.codec
    }

    pub(super) fn push(&mut self, piece: &Piece<'_>) -> impl Iterator<Item = AccessUnit> + use<> {
        self.depacketizer.push(piece)
    }

    pub(super) fn needs_key(&self) -> bool {
        self.depacketizer.needs_key()
    }

    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.depacketizer.take_fault()
    }
}
