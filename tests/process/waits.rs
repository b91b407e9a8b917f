// Sleeping until another thread acts is no contended lock, whoever does it: std, parking_lot or C.
// expect: channel std::sync::Condvar::wait @condvar
// expect: channel std::sync::Condvar::wait_timeout_while @timed
// expect: channel std::sync::Condvar::wait_while @typed
// expect: channel std::sync::Barrier::wait @barrier
// expect: channel std::thread::park @park
// expect: channel std::thread::park_timeout @park-timeout
// expect: channel parking_lot::Condvar::wait @parking-lot
// expect: channel parking_lot::Condvar::wait_for @parking-lot-timed
// expect: channel pthread_cond_timedwait @c
// expect: channel pthread_barrier_wait @c-barrier
// expect: lock std::sync::Mutex::lock @lock
// expect: lock sem_timedwait @semaphore
// expect: cpu rayon::join @rayon
// only

use guard_runtime::NoBlock;
use std::sync::{Arc, Barrier, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SHORT: Duration = Duration::from_millis(60);

type Pair<M, C> = Arc<(M, C)>;

fn later(act: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        thread::sleep(SHORT);
        act();
    });
}

fn of_std(pair: &Pair<Mutex<bool>, Condvar>) {
    let ready = pair.clone();
    later(move || {
        *ready.0.lock().unwrap() = true;
        ready.1.notify_all();
    });
    let mut is_ready = pair.0.lock().unwrap();
    while !*is_ready {
        is_ready = pair.1.wait(is_ready).unwrap(); // @condvar
    }
    drop(pair.1.wait_timeout_while(is_ready, SHORT, |ready| *ready).unwrap()); // @timed
    let barrier = Arc::new(Barrier::new(2));
    let other = barrier.clone();
    later(move || {
        other.wait();
    });
    barrier.wait(); // @barrier
    let parked = thread::current();
    later(move || parked.unpark());
    thread::park(); // @park
    thread::park_timeout(SHORT); // @park-timeout
}

fn of_parking_lot(pair: &Pair<parking_lot::Mutex<bool>, parking_lot::Condvar>) {
    let ready = pair.clone();
    later(move || {
        *ready.0.lock() = true;
        ready.1.notify_all();
    });
    let mut is_ready = pair.0.lock();
    while !*is_ready {
        pair.1.wait(&mut is_ready); // @parking-lot
    }
    pair.1.wait_for(&mut is_ready, SHORT); // @parking-lot-timed
}

fn of_c() {
    let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + SHORT * 2;
    let until = libc::timespec { tv_sec: until.as_secs() as _, tv_nsec: until.subsec_nanos().into() };
    let (mut lock, mut cond) = (libc::PTHREAD_MUTEX_INITIALIZER, libc::PTHREAD_COND_INITIALIZER);
    let barrier = Box::leak(Box::new(std::mem::MaybeUninit::<libc::pthread_barrier_t>::uninit())).as_mut_ptr();
    let mut semaphore = std::mem::MaybeUninit::uninit();
    // SAFETY: each is initialised before it is used, and is not moved after that; the barrier lives for ever.
    unsafe {
        libc::pthread_mutex_lock(&raw mut lock);
        libc::pthread_cond_timedwait(&raw mut cond, &raw mut lock, &raw const until); // @c
        libc::pthread_barrier_init(barrier, std::ptr::null(), 2);
        let other = barrier.expose_provenance();
        later(move || {
            libc::pthread_barrier_wait(std::ptr::with_exposed_provenance_mut(other));
        });
        libc::pthread_barrier_wait(barrier); // @c-barrier
        let until = libc::timespec { tv_sec: until.tv_sec + 1, ..until };
        libc::sem_init(semaphore.as_mut_ptr(), 0, 0);
        libc::sem_timedwait(semaphore.as_mut_ptr(), &raw const until); // @semaphore
    }
}

fn locked(lock: &Arc<Mutex<()>>) {
    let (held, holds) = mpsc::channel();
    let theirs = lock.clone();
    thread::spawn(move || {
        let _held = theirs.lock().unwrap();
        held.send(()).unwrap();
        thread::sleep(SHORT * 3);
    });
    while holds.try_recv().is_err() {}
    drop(lock.lock().unwrap()); // @lock
}

#[guard_runtime::no_block]
#[allow(deprecated)]
async fn typed(pair: Pair<Mutex<bool>, Condvar>) {
    drop(pair.1.wait_while(pair.0.lock().unwrap(), |ready| !*ready).unwrap()); // @typed
}

#[tokio::main]
pub(crate) async fn main() {
    tokio::spawn(
        async {
            of_std(&Pair::default());
            of_parking_lot(&Pair::default());
            of_c();
            locked(&Arc::default());
            rayon::join(|| thread::sleep(SHORT), || ()); // @rayon
        }
        .no_block(),
    )
    .await
    .unwrap();
    let pair: Pair<Mutex<bool>, Condvar> = Arc::default();
    let ready = pair.clone();
    later(move || {
        *ready.0.lock().unwrap() = true;
        ready.1.notify_all();
    });
    tokio::spawn(typed(pair)).await.unwrap();
}
