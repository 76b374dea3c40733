#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| weir_proto_rtc::fuzz::rtc_srtp(data));
