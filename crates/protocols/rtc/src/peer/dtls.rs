//! DTLS for str0m. Its own glue makes settings anew for each connection, and each time they are made, the ciphers are tested:
//! milliseconds, with several pairs of keys. Here they are made once. And what is spoiled on its way is lost, and no more
//! (RFC 6347 §4.1.2.7).

use std::cell::RefCell;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;
use std::{fmt, iter, mem};

use dimpl::{Config, CryptoError, CryptoOperation, Dtls, DtlsCertificate, Error, Output, ProtocolVersion};
use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::crypto::dtls::{DtlsInstance, DtlsProvider};

use super::plain;
use crate::srtp::Keying;

/// The ciphers of every peer.
pub(super) fn crypto() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Provider, srtp_provider: &plain::Plain, ..str0m::crypto::from_feature_flags() }
}

/// What a connection agreed on for SRTP, once it has.
pub(super) type Agreed = Arc<OnceLock<Keying>>;

thread_local! {
    /// Of the connection that was made last.
    static NEWEST: RefCell<Agreed> = RefCell::default();
}

/// What the connection that this thread made last will agree on. str0m has no other way to tell whose it is.
pub(super) fn newest() -> Agreed {
    NEWEST.take()
}

/// Settings by the size of datagrams.
static SETTINGS: Mutex<Vec<(Option<usize>, Arc<Config>)>> = Mutex::new(Vec::new());

fn settings(mtu: Option<usize>) -> Result<Arc<Config>, Error> {
    let mut made = SETTINGS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, settings)) = made.iter().find(|(of, _)| *of == mtu) {
        return Ok(settings.clone());
    }
    // The checks of ICE have shown already that the client is where it says.
    let builder = Config::builder().use_server_cookie(false);
    let builder = if let Some(mtu) = mtu { builder.mtu(mtu) } else { builder };
    let settings = Arc::new(builder.build()?);
    made.push((mtu, settings.clone()));
    Ok(settings)
}

#[derive(Debug)]
struct Provider;

impl DtlsProvider for Provider {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, str0m::crypto::CryptoError> {
        let settings = settings(mtu).map_err(|error| str0m::crypto::CryptoError::Other(error.to_string()))?;
        let certificate =
            DtlsCertificate { certificate: cert.certificate.clone(), private_key: cert.private_key.clone() };
        let dtls = match dtls_version {
            DtlsVersion::Dtls12 => Dtls::new_12(settings, certificate, now),
            DtlsVersion::Dtls13 => Dtls::new_13(settings, certificate, now),
            _ => Dtls::new_auto(settings, certificate, now),
        };
        let agreed = Agreed::default();
        NEWEST.set(agreed.clone());
        Ok(Box::new(Connection { dtls, is_connected: false, discarded: 0, agreed }))
    }
}

/// Bytes of the head of a record.
const HEAD: usize = 13;
/// Records of a datagram that are read: no flight has more.
const MAX_RECORDS: usize = 16;
/// Records that cannot be decrypted before a handshake has come to its end. After more it is the keys that do not fit.
const MAX_DISCARDED: usize = 8;

/// One connection.
struct Connection {
    dtls: Dtls,
    is_connected: bool,
    discarded: usize,
    agreed: Agreed,
}

impl Connection {
    fn handle_record(&mut self, record: &[u8]) -> Result<(), Error> {
        match self.dtls.handle_packet(record) {
            Err(Error::CryptoError(CryptoError::OperationFailed(CryptoOperation::Decrypt)))
                if !self.is_connected && self.discarded < MAX_DISCARDED =>
            {
                self.discarded += 1;
                Ok(())
            }
            done => done,
        }
    }
}

/// The records of a datagram: each stands for itself, also where the one before it is old or broken. What has another head than
/// those of DTLS 1.2 (RFC 9147 §4) goes as one, and what is cut short is left out.
fn records(datagram: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = datagram;
    iter::from_fn(move || match *rest {
        [20..=25, _, _, _, _, _, _, _, _, _, _, high, low, ..] => {
            let (record, behind) = rest.split_at_checked(HEAD + usize::from(u16::from_be_bytes([high, low])))?;
            rest = behind;
            Some(record)
        }
        [] | [20..=25, ..] => None,
        _ => Some(mem::take(&mut rest)),
    })
    .take(MAX_RECORDS)
}

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), Error> {
        records(packet).try_for_each(|record| self.handle_record(record))
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> Output<'a> {
        let output = self.dtls.poll_output(buf);
        self.is_connected |= matches!(output, Output::Connected);
        match output {
            Output::KeyingMaterial(material, profile) => {
                // There is one handshake.
                let _ = self.agreed.set(Keying { profile, material });
                Output::KeyingMaterial(plain::material(), plain::PROFILE)
            }
            other => other,
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.dtls.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), Error> {
        self.dtls.close()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}

#[cfg(test)]
mod tests;
