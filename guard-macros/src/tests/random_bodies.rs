//! Test: whatever the body, the expander does not panic, and the item is still there. `RANDOM_BODIES=n` makes it longer.

use super::random::{Random, assert_kept, assert_survived, function};

fn rounds(usual: usize) -> usize {
    std::env::var("RANDOM_BODIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

#[test]
fn any_body_keeps_its_item() {
    let (count, mut random, mut kept) = (rounds(1500), Random::Seeded(0x9e37_79b9_7f4a_7c15), 0);
    for i in 0..count {
        let name = format!("handler_{i}");
        if let Some(item) = function(&mut random, &name) {
            assert_kept(&item, &name);
            kept += 1;
        }
    }
    assert!(kept > count / 2, "only {kept} of {count} bodies were Rust");
}

#[test]
fn any_tokens_are_survived() {
    let mut random = Random::Seeded(0x2545_f491_4f6c_dd1d);
    for i in 0..rounds(3000) {
        assert_survived(&mut random, &format!("handler_{i}"));
    }
}

/// As `fuzz/` has them.
#[test]
fn bytes_are_choices_until_they_are_used_up() {
    let bytes: Vec<u8> = (0..=255).collect();
    let mut random = Random::Bytes(&bytes);
    assert_survived(&mut random, "handler");
    assert_eq!(Random::Bytes(&[]).below(3), 0);
    let mut random = Random::Bytes(&bytes[40..]);
    assert_kept(&function(&mut random, "handler").unwrap(), "handler");
}
