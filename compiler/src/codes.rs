//! Codes of what the compiler itself reports: names, types, files.

use whimbrel_lang::Code;

macro_rules! codes {
    ($($constant:ident $number:literal $name:literal;)*) => {$(
        #[doc = concat!("`", $number, "` ", $name)]
        pub const $constant: Code = Code { number: $number, name: $name };
    )*};
}

codes! {
    UNKNOWN_NAME "MG0101" "unknown-name";
    DUPLICATE_NAME "MG0102" "duplicate-name";
    UNKNOWN_ATTRIBUTE "MG0103" "unknown-attribute";
    MISSING_ATTRIBUTE "MG0104" "missing-attribute";
    IMPORT_CYCLE "MG0105" "import-cycle";
    IMPORT_OUTSIDE_ROOT "MG0106" "import-outside-root";
    MISSING_FILE "MG0108" "missing-file";
    HIDES_STANDARD "MG0110" "hides-standard-executor";
    TYPE_MISMATCH "MG0201" "type-mismatch";
    DIMENSION_MISMATCH "MG0202" "dimension-mismatch";
    MIXED_CURRENCY "MG0203" "mixed-currency";
    OUT_OF_RANGE "MG0204" "out-of-range";
    IMPOSSIBLE_DISTRIBUTION "MG0205" "impossible-distribution";
    PRECONDITION_FAILED "MG0206" "precondition-failed";
    IMPOSSIBLE_ORDER "MG0207" "impossible-order";
    DIVERGING_TRANSFER "MG0208" "diverging-transfer";
    TOO_MANY "MG0209" "too-many";
}
