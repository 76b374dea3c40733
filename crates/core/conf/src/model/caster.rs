//! Stream casters: other protocols in, RTMP out.

use std::time::Duration;

use crate::lookup::{Scope, Value};
use crate::model::section::Section;

section! {
    /// One caster. A `listen` of 0 is refused when it starts (errors.md 4011).
    StreamCaster { enabled: bool, caster: Caster, output: String, listen: u16, sip: Sip }
}

section! {
    /// The SIP server of GB28181.
    Sip { enabled: bool, listen: u16, timeout: Duration, reinvite: Duration, candidate: String }
}

/// The protocol that a caster takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caster {
    /// MPEG-TS in UDP datagrams.
    MpegtsOverUdp,
    /// FLV in the body of an HTTP POST.
    Flv,
    /// GB28181 cameras.
    Gb28181,
    /// Any other word, refused when the caster starts (errors.md 4010).
    Unknown(String),
}

crate::diff::whole!(Caster);

impl Value for Caster {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        match scope.text(name).as_str() {
            "mpegts_over_udp" => Self::MpegtsOverUdp,
            "flv" => Self::Flv,
            "gb28181" => Self::Gb28181,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl Value for Vec<StreamCaster> {
    fn read(scope: &Scope<'_>, name: &str) -> Self {
        let env = scope.context.env;
        let casters = scope.blocks(name).map(|block| StreamCaster::read_section(&block));
        casters
            .map(|mut caster| {
                caster.sip.candidate = env.expand(&caster.sip.candidate);
                caster
            })
            .collect()
    }
}
