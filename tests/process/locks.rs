// A futex wait says nothing of what is waited for: frames do. Uncontended locks are nothing at all.
// env: NO_BLOCK_LIMITS=lock=always,init=always
// expect: lock std::sync::Mutex::lock @mutex
// expect: lock std::sync::RwLock::write @rwlock
// expect: lock parking_lot::Mutex::lock @parking-lot
// expect: lock pthread_mutex_lock @pthread
// expect: channel std::sync::mpsc::Receiver::recv @mpsc
// expect: channel crossbeam_channel::Receiver::recv @crossbeam
// expect: thread_join std::thread::JoinHandle::join @join
// expect: thread_join std::thread::scope @scope
// expect: block_on futures::executor::block_on @block-on
// expect: init std::fs::read @lazy
// forbid: @free
// forbid: @joined
// only

use std::cell::UnsafeCell;
use std::sync::{LazyLock, Mutex, RwLock, mpsc};
use std::thread;
use std::time::Duration;

/// Long enough for a busy machine to get from taking a lock to waiting for it.
const SHORT: Duration = Duration::from_millis(150);

/// Has another thread hold something for so many short times, and waits until it does.
fn held<G>(times: u32, hold: impl FnOnce() -> G + Send + 'static) {
    let (tx, rx) = mpsc::channel();
    thread::spawn(move || {
        let guard = hold();
        tx.send(()).unwrap();
        thread::sleep(SHORT * times);
        drop(guard);
    });
    rx.recv().unwrap();
}

struct CMutex(UnsafeCell<libc::pthread_mutex_t>);

// SAFETY: a pthread mutex is made to be used by several threads.
unsafe impl Send for CMutex {}
// SAFETY: as above.
unsafe impl Sync for CMutex {}

impl CMutex {
    fn lock(&'static self) {
        // SAFETY: the mutex is initialised and lives for ever.
        unsafe { libc::pthread_mutex_lock(self.0.get()) }; // @pthread
    }

    fn unlock(&'static self) {
        // SAFETY: as above; the caller holds it.
        unsafe { libc::pthread_mutex_unlock(self.0.get()) };
    }
}

static C_MUTEX: CMutex = CMutex(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));
static MUTEX: Mutex<()> = Mutex::new(());
static RWLOCK: RwLock<()> = RwLock::new(());
static PARKING_LOT: parking_lot::Mutex<()> = parking_lot::Mutex::new(());
static LAZY: LazyLock<usize> = LazyLock::new(|| {
    std::fs::read("/etc/hostname").map_or(0, |text| text.len()) // @lazy
});

fn late<T: Send + 'static>(value: T, send: impl FnOnce(T) + Send + 'static) {
    thread::spawn(move || {
        thread::sleep(SHORT);
        send(value);
    });
}

struct Unlock;

impl Drop for Unlock {
    fn drop(&mut self) {
        C_MUTEX.unlock();
    }
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn locks(
    std_rx: mpsc::Receiver<u8>,
    rx: crossbeam_channel::Receiver<u8>,
    wait: tokio::sync::oneshot::Receiver<u8>,
) {
    drop(MUTEX.lock().unwrap()); // @mutex
    drop(RWLOCK.write().unwrap()); // @rwlock
    drop(PARKING_LOT.lock()); // @parking-lot
    C_MUTEX.lock();
    C_MUTEX.unlock();
    let free = (Mutex::new(()), parking_lot::Mutex::new(()));
    let _free = (free.0.lock().unwrap(), free.1.lock()); // @free
    std_rx.recv().unwrap(); // @mpsc
    rx.recv().unwrap(); // @crossbeam
    futures::executor::block_on(wait).unwrap(); // @block-on
    let _ = *LAZY;
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn joins() {
    thread::spawn(|| thread::sleep(SHORT)).join().unwrap(); // @join
    #[rustfmt::skip]
    thread::scope(|scope| { scope.spawn(|| thread::sleep(SHORT)); }); // @scope
    let done = thread::spawn(|| ());
    while !done.is_finished() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(10)).await;
    done.join().unwrap(); // @joined
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(joins()).await.unwrap();
    held(1, || MUTEX.lock().unwrap());
    held(2, || RWLOCK.read().unwrap());
    held(3, || PARKING_LOT.lock());
    held(4, || {
        C_MUTEX.lock();
        Unlock
    });
    let (std_tx, std_rx) = mpsc::channel();
    let (tx, rx) = crossbeam_channel::bounded(1);
    let (done, wait) = tokio::sync::oneshot::channel();
    late((std_tx, tx, done), |(std_tx, tx, done)| {
        thread::sleep(SHORT * 4);
        std_tx.send(1).unwrap();
        thread::sleep(SHORT);
        tx.send(1).unwrap();
        thread::sleep(SHORT);
        done.send(1).unwrap();
        thread::sleep(SHORT);
    });
    tokio::spawn(locks(std_rx, rx, wait)).await.unwrap();
}
