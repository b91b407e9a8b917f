// What `#[blocking]` cannot stand on, and options that it does not have.
use guard_runtime::blocking;

#[blocking]
async fn asynchronous() {}

#[blocking]
const fn constant() {}

#[blocking]
struct Unit;

trait Load {
    #[blocking]
    fn load(&self);
}

#[blocking(kin = "db")]
fn misspelled() {}

#[blocking(kind = "dbb")]
fn no_such_kind() {}

fn main() {
    // The items are still there.
    drop(asynchronous());
    constant();
    misspelled();
    no_such_kind();
    let _ = Unit;
    fn _loads(it: impl Load) {
        it.load();
    }
}
