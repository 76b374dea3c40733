//! Whose certificates are believed.

use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Who may vouch for a server.
#[derive(Clone, Debug)]
pub enum Roots {
    /// Those of the system, or of the files that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    System,
    /// These alone.
    These(Vec<CertificateDer<'static>>),
}

impl Roots {
    /// Verifies certificates against these roots, with the one crypto library of the server.
    pub(crate) fn client(self) -> Result<ClientConfig, rustls::Error> {
        let mut store = RootCertStore::empty();
        let certificates = match self {
            Roots::These(certificates) => certificates,
            Roots::System => {
                let found = rustls_native_certs::load_native_certs();
                for error in &found.errors {
                    tracing::warn!("a root certificate cannot be read: {error}");
                }
                found.certs
            }
        };
        store.add_parsable_certificates(certificates);
        if store.is_empty() {
            // No reason not to start: most servers call nobody, or not by https.
            tracing::warn!("there are no root certificates here: no https server can be called (SSL_CERT_FILE)");
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(builder.with_root_certificates(store).with_no_client_auth())
    }
}
