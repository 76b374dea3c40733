//! What is encrypted, and what is not authentic.

use dimpl::{KeyingMaterial, SrtpProfile};

use crate::srtp::{Keying, Srtp};

/// Datagrams: any bytes. Who has no keys is not let in; what one side takes, the other gives back, once.
pub fn rtc_srtp(data: &[u8]) {
    for profile in [SrtpProfile::AES128_CM_SHA1_80, SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AEAD_AES_256_GCM] {
        let keying = Keying { profile, material: KeyingMaterial::new(&vec![7; profile.keying_material_len()]) };
        let [Some(mut ours), Some(mut theirs)] = [true, false].map(|side| Srtp::new(&keying, side)) else {
            panic!("keys of the right length are taken");
        };
        assert!(!theirs.unprotect_rtp(&mut data.to_vec()));
        assert!(!theirs.unprotect_rtcp(&mut data.to_vec()));
        let mut packet = data.to_vec();
        if ours.protect_numbered(&mut packet) {
            assert!(theirs.unprotect_rtp(&mut packet.clone()));
            assert!(!theirs.unprotect_rtp(&mut packet));
        }
        let mut packet = data.to_vec();
        if ours.protect_rtcp(&mut packet, 0) {
            let mut came = packet.clone();
            assert!(theirs.unprotect_rtcp(&mut came));
            assert_eq!(came, data);
            assert!(!theirs.unprotect_rtcp(&mut packet));
        }
    }
    let mut clear = Srtp::clear();
    let _ = (clear.unprotect_rtp(&mut data.to_vec()), clear.unprotect_rtcp(&mut data.to_vec()));
}
