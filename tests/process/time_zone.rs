// The time-zone database is read once by whoever asks for the local time: `init`, by path and by descriptor, in whatever crate.
// env: TZDIR=/usr/include/
// env: NO_BLOCK_LIMITS=init=always
// expect: init std::fs::read @localtime
// expect: init std::fs::read @typed
// expect: init std::fs::File::read @descriptor
// expect: init std::fs::read_to_string @tzdir
// expect: init std::fs::metadata @absent
// expect: init slow::zone @dependency
// expect: fs std::fs::read @other
// expect: fs std::fs::File::metadata @other-descriptor
// only

use guard_runtime::NoBlock;
use std::fs::File;
use std::io::Read;

const ZONES: &str = "/usr/share/zoneinfo";

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn typed() {
    let _ = std::fs::read("/etc/localtime"); // @typed
}

fn descriptors(mut zones: File, other: File) {
    let _ = zones.read(&mut [0; 8]); // @descriptor
    let _ = other.metadata(); // @other-descriptor
}

#[tokio::main]
pub(crate) async fn main() {
    let (zones, other) = (File::open("/usr/include/stdlib.h").unwrap(), File::open("/etc/passwd").unwrap());
    let reads = async move {
        let _ = std::fs::read("/etc/localtime"); // @localtime
        let _ = std::fs::read_to_string("/usr/include/stdio.h"); // @tzdir
        let _ = std::fs::metadata(format!("{ZONES}/no/such/zone")); // @absent
        let _ = slow::zone(); // @dependency
        let _ = std::fs::read("/etc/passwd"); // @other
        descriptors(zones, other);
    };
    tokio::spawn(reads.no_block()).await.unwrap();
    tokio::spawn(typed()).await.unwrap();
}
