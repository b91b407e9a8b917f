// A mutex of the C library tells who held it.
// env: NO_BLOCK_FORMAT=text
// expect: blocking call on an executor thread: pthread_mutex_lock (lock), 
// expect: held by thread the-holder

use guard_runtime::NoBlock;
use std::cell::UnsafeCell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

struct CMutex(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex is made to be used by several threads.
unsafe impl Sync for CMutex {}

static MUTEX: CMutex = CMutex(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));

fn lock() {
    // SAFETY: the mutex is initialised and lives for ever.
    unsafe { libc::pthread_mutex_lock(MUTEX.0.get()) };
}

fn unlock() {
    // SAFETY: as above; the caller holds it.
    unsafe { libc::pthread_mutex_unlock(MUTEX.0.get()) };
}

#[tokio::main]
pub(crate) async fn main() {
    let (held, holds) = mpsc::channel();
    let (named, is_named) = mpsc::channel::<()>();
    let holder = thread::Builder::new().name("the-holder".to_owned());
    let hold = move || {
        lock();
        held.send(()).unwrap();
        thread::sleep(Duration::from_millis(150));
        unlock();
        // It can be named as long as it is there.
        is_named.recv().unwrap_err();
    };
    let holder = holder.spawn(hold).unwrap();
    holds.recv().unwrap();
    tokio::spawn(
        async {
            lock();
            unlock();
        }
        .no_block(),
    )
    .await
    .unwrap();
    drop(named);
    holder.join().unwrap();
}
