//! SRTP for str0m: ciphers that change nothing. What it writes ends with a tag of zeros, and so must what it reads.

use dimpl::{KeyingMaterial, SrtpProfile};
use str0m::crypto::{
    AeadAes128GcmCipher, CryptoError, SrtpProvider, SupportedAeadAes128Gcm, SupportedAeadAes256Gcm,
    SupportedAes128CmSha1_80,
};

/// What str0m is told was agreed on.
pub(super) const PROFILE: SrtpProfile = SrtpProfile::AEAD_AES_128_GCM;
/// Behind RTP, and behind RTCP before its number.
pub(super) const TAG: [u8; 16] = [0; 16];
/// The number of an RTCP packet that says that it is encrypted.
pub(super) const RTCP_INDEX: [u8; 4] = [0x80, 0, 0, 0];

/// Keys that nothing is encrypted with.
pub(super) fn material() -> KeyingMaterial {
    KeyingMaterial::new(&vec![0; PROFILE.keying_material_len()])
}

/// Takes away what str0m put behind RTP.
pub(super) fn strip_rtp(packet: &mut Vec<u8>) {
    packet.truncate(packet.len().saturating_sub(TAG.len()));
}

/// Takes away what str0m put behind RTCP.
pub(super) fn strip_rtcp(packet: &mut Vec<u8>) {
    packet.truncate(packet.len().saturating_sub(TAG.len() + RTCP_INDEX.len()));
}

#[derive(Debug)]
pub(super) struct Plain;

impl SrtpProvider for Plain {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        str0m::crypto::from_feature_flags().srtp_provider.aes_128_cm_sha1_80()
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Plain
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        str0m::crypto::from_feature_flags().srtp_provider.aead_aes_256_gcm()
    }

    fn srtp_aes_128_ecb_round(&self, _key: &[u8], _input: &[u8], _output: &mut [u8]) {}

    fn srtp_aes_256_ecb_round(&self, _key: &[u8], _input: &[u8], _output: &mut [u8]) {}
}

impl SupportedAeadAes128Gcm for Plain {
    fn create_cipher(&self, _key: [u8; 16], _encrypt: bool) -> Box<dyn AeadAes128GcmCipher> {
        Box::new(Plain)
    }
}

impl AeadAes128GcmCipher for Plain {
    fn encrypt(&mut self, _iv: &[u8; 12], _aad: &[u8], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        copy(input, output)
    }

    fn decrypt(
        &mut self,
        _iv: &[u8; 12],
        _aads: &[&[u8]],
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, CryptoError> {
        let len = input.len().saturating_sub(TAG.len());
        copy(input.get(..len).unwrap_or_default(), output)?;
        Ok(len)
    }
}

fn copy(input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
    let output = output.get_mut(..input.len()).ok_or_else(|| CryptoError::Other("no room".to_owned()))?;
    output.copy_from_slice(input);
    Ok(())
}
