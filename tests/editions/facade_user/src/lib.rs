//! A crate that has the attribute from a facade only, and says where guard-runtime is.

#![deny(warnings, missing_docs)]

use facade::guard::no_block;

/// Reads nothing.
#[no_block(deny(all), crate = ::facade::guard)]
pub async fn answer() -> u8 {
    42
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn the_path_is_taken_from_the_option() {
        assert_eq!(super::answer().await, 42);
    }

    #[facade::guard::test(crate = ::facade::guard)]
    async fn a_test_of_ours_needs_no_tokio() {
        assert_eq!(super::answer().await, 42);
    }

    #[tokio::test]
    #[should_panic(expected = "std::thread::sleep")]
    #[cfg(all(debug_assertions, any(target_os = "linux", target_os = "macos", windows)))]
    async fn the_run_time_is_reached_through_it() {
        #[facade::guard::no_block(allow(sleep), crate = ::facade::guard)]
        async fn wait() {
            std::thread::sleep(std::time::Duration::from_nanos(1));
        }
        wait().await;
    }
}
