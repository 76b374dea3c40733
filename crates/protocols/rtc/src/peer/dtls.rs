//! DTLS for str0m. Its own glue makes settings anew for each connection, and each time they are made, the ciphers are tested:
//! milliseconds, with several pairs of keys. Here they are made once.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use dimpl::{Config, Dtls, DtlsCertificate, Error, Output, ProtocolVersion};
use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsInstance, DtlsProvider};

/// The ciphers of every peer.
pub(super) fn crypto() -> CryptoProvider {
    CryptoProvider { dtls_provider: &Provider, ..str0m::crypto::from_feature_flags() }
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
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let settings = settings(mtu).map_err(|error| CryptoError::Other(error.to_string()))?;
        let certificate =
            DtlsCertificate { certificate: cert.certificate.clone(), private_key: cert.private_key.clone() };
        let dtls = match dtls_version {
            DtlsVersion::Dtls12 => Dtls::new_12(settings, certificate, now),
            DtlsVersion::Dtls13 => Dtls::new_13(settings, certificate, now),
            _ => Dtls::new_auto(settings, certificate, now),
        };
        Ok(Box::new(Connection(dtls)))
    }
}

/// One connection.
struct Connection(Dtls);

impl DtlsInstance for Connection {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), Error> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> Output<'a> {
        self.0.poll_output(buf)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), Error> {
        self.0.close()
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connection")
    }
}
