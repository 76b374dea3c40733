//! What goes between str0m and the way: decrypted and encrypted here.

use core::net::SocketAddr;

use str0m::Input;
use str0m::net::{Protocol, Receive, Transmit};
use weir_rtp::Kind;

use super::{Datagram, Destination, OURS_V4, OURS_V6, Peer, PeerError, plain};
use crate::srtp::Srtp;

impl Peer {
    pub(super) fn receive_rtp(&mut self, from: SocketAddr, is_tcp: bool, bytes: &[u8]) -> Result<(), PeerError> {
        let mut packet = std::mem::take(&mut self.opened);
        packet.clear();
        packet.extend_from_slice(bytes);
        let is_taken = self.direct.is_none()
            && self.secured().is_some_and(|srtp| srtp.unprotect_rtp(&mut packet))
            && self.admit(&packet, self.now);
        let done = if is_taken {
            packet.extend_from_slice(&plain::TAG);
            self.hand_on(from, is_tcp, &packet)
        } else {
            Ok(())
        };
        self.opened = packet;
        done
    }

    pub(super) fn receive_rtcp(&mut self, from: SocketAddr, is_tcp: bool, bytes: &[u8]) -> Result<(), PeerError> {
        let mut packet = bytes.to_vec();
        if !self.secured().is_some_and(|srtp| srtp.unprotect_rtcp(&mut packet)) {
            return Ok(());
        }
        if let Some(direct) = &mut self.direct {
            direct.heard(&packet, self.now);
            return Ok(());
        }
        packet.extend_from_slice(&plain::TAG);
        packet.extend_from_slice(&plain::RTCP_INDEX);
        self.hand_on(from, is_tcp, &packet)
    }

    /// Gives a datagram to str0m.
    pub(super) fn hand_on(&mut self, from: SocketAddr, is_tcp: bool, bytes: &[u8]) -> Result<(), PeerError> {
        let ours = if from.is_ipv4() { OURS_V4 } else { OURS_V6 };
        let protocol = if is_tcp { Protocol::Tcp } else { Protocol::Udp };
        let Ok(receive) = Receive::new(protocol, from, ours, bytes) else { return Ok(()) };
        Ok(self.rtc.handle_input(Input::Receive(self.now, receive))?)
    }

    /// Nothing before DTLS has agreed on keys.
    pub(super) fn secured(&mut self) -> Option<&mut Srtp> {
        if self.srtp.is_none() {
            let keying = self.agreed.get()?;
            self.srtp = if self.is_encrypted { Srtp::new(keying, self.is_dtls_active) } else { Some(Srtp::clear()) };
        }
        self.srtp.as_mut()
    }

    /// What str0m sends, encrypted.
    pub(super) fn leaving(&mut self, transmit: Transmit) -> Option<Datagram> {
        let kind = Kind::of(&transmit.contents);
        let destination = Destination { to: transmit.destination, is_tcp: transmit.proto != Protocol::Udp };
        if kind != Kind::Stun {
            self.destination = Some(destination);
        }
        let mut contents = Vec::from(transmit.contents);
        match kind {
            // Only for the sake of where it goes.
            Kind::Rtp | Kind::Rtcp if self.direct.is_some() => return None,
            Kind::Rtp => {
                if !self.extra.left(self.now) {
                    self.forget_sent();
                }
                plain::strip_rtp(&mut contents);
                self.secured()?.protect_numbered(&mut contents).then_some(())?;
            }
            Kind::Rtcp => {
                plain::strip_rtcp(&mut contents);
                self.secured()?.protect_rtcp(&mut contents, 0).then_some(())?;
            }
            Kind::Stun | Kind::Dtls | Kind::Unknown => {}
        }
        Some(Datagram { to: destination.to, is_tcp: destination.is_tcp, contents })
    }
}
