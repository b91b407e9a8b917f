//! The rows of the catalogue as reports need them. The types of the same rows are in `probe`.

guard_macros::__catalog!(data);
