//! `cargo xtask tidy`, `cargo xtask gen [--check]`, `cargo xtask verification [--check]`.

use std::io::Write as _;
use std::process::ExitCode;

use xtask::{files, generate, tidy, verification};

const USAGE: &str = "usage: cargo xtask tidy | gen [--check] | verification [--check]

  tidy           who may depend on whom, file lengths, rule registry = files = pages,
                 links of the pages
  gen            writes the generated files
  gen --check    says which of them are stale
  verification   runs the tests of the simulator and writes the chapter that tells what they found
  verification --check    says whether it is stale";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = files::root();
    let faults = match arguments.as_slice() {
        ["tidy"] => tidy::faults(&root),
        ["gen"] => generate::write(&root),
        ["gen", "--check"] => generate::stale(&root),
        ["verification"] => verification::make(&root, false),
        ["verification", "--check"] => verification::make(&root, true),
        _ => vec![USAGE.to_owned()],
    };
    let mut stderr = std::io::stderr().lock();
    for fault in &faults {
        let _ = writeln!(stderr, "{fault}");
    }
    ExitCode::from(u8::from(!faults.is_empty()))
}
