//! The README's commands, run as they stand.

#[test]
fn readme() {
    // Its paths are those of a reader in the repository's root.
    std::env::set_current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).expect("the root exists");
    trycmd::TestCases::new()
        .case("README.md")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100");
}
