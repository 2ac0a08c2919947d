//! What the terminal shows, without colour and at a fixed width.

#[test]
fn transcripts() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100");
}
