//! Any text gives a tree and errors that point into it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| whimbrel_fuzz::parse(bytes));
