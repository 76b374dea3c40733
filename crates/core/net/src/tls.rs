//! TLS for listeners: a certificate that is read again when its files change.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const CHECK: Duration = Duration::from_secs(2);

/// A certificate could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot use {}: {cause}", .path.display())]
pub struct CertificateError {
    /// The file at fault.
    pub path: PathBuf,
    /// What is wrong with it.
    pub cause: String,
}

impl CertificateError {
    /// SRS's number for it.
    pub fn code(&self) -> u16 {
        4045
    }
}

/// A certificate and its key, held for every listener that was configured with these files.
#[derive(Debug)]
pub struct Certificate {
    key_path: PathBuf,
    cert_path: PathBuf,
    current: ArcSwap<CertifiedKey>,
}

impl Certificate {
    /// Reads PEM files.
    pub fn read(key_path: &Path, cert_path: &Path) -> Result<Arc<Certificate>, CertificateError> {
        let current = ArcSwap::from_pointee(load(key_path, cert_path)?);
        Ok(Arc::new(Certificate { key_path: key_path.to_owned(), cert_path: cert_path.to_owned(), current }))
    }

    /// An acceptor that offers `protocols` by ALPN (`h2`, `http/1.1`; none for RTMPS).
    pub fn acceptor(self: &Arc<Self>, protocols: &[&str]) -> io::Result<TlsAcceptor> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Current(self.clone())));
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again whenever they change. Connections that stand keep their certificate; files that cannot be
    /// used leave the old certificate in force.
    pub async fn watch(self: Arc<Self>) {
        let mut seen = self.modified();
        loop {
            tokio::time::sleep(CHECK).await;
            let modified = self.modified();
            if modified == seen {
                continue;
            }
            seen = modified;
            match load(&self.key_path, &self.cert_path) {
                Ok(fresh) => {
                    self.current.store(Arc::new(fresh));
                    tracing::info!("certificate {} was read again", self.cert_path.display());
                }
                Err(error) => tracing::warn!("the certificate stays as it was: {error}"),
            }
        }
    }

    fn modified(&self) -> [Option<SystemTime>; 2] {
        [&self.key_path, &self.cert_path].map(|path| std::fs::metadata(path).and_then(|meta| meta.modified()).ok())
    }
}

#[derive(Debug)]
struct Current(Arc<Certificate>);

impl ResolvesServerCert for Current {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.current.load_full())
    }
}

fn load(key_path: &Path, cert_path: &Path) -> Result<CertifiedKey, CertificateError> {
    let at = |path: &Path, cause: String| CertificateError { path: path.to_owned(), cause };
    let chain = CertificateDer::pem_file_iter(cert_path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| at(cert_path, error.to_string()))?;
    if chain.is_empty() {
        return Err(at(cert_path, "it holds no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_file(key_path).map_err(|error| at(key_path, error.to_string()))?;
    let pair = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
    pair.map_err(|error| at(key_path, error.to_string()))
}

#[cfg(test)]
mod tests;
