//! Code that rustc and clippy have something to say of: with the attribute the same as without.
//!
//! A comment `//= LINT` names the lint that is looked for in the line above it.

#![warn(clippy::pedantic)]
#![allow(clippy::missing_errors_doc, clippy::missing_panics_doc, clippy::must_use_candidate)]

use guard_runtime::no_block;
use std::collections::HashMap;
use std::fs::{self, File};
use std::future::Future;
use std::io::{BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Mutex, RwLock};

#[no_block]
pub async fn amounts(mut file: File, buf: &mut [u8]) -> std::io::Result<()> {
    file.read(buf)?;
    //= clippy::unused_io_amount
    file.write(buf)?;
    //= clippy::unused_io_amount
    let _ = fs::read(&"a")?;
    //= clippy::needless_borrows_for_generic_args
    file.flush();
    //= unused_must_use
    Ok(())
}

#[no_block]
pub async fn shapes(path: &Path, paths: &Vec<PathBuf>, map: HashMap<String, PathBuf>) -> Option<usize> {
    //= clippy::ptr_arg
    if path.exists() == true {
        //= clippy::bool_comparison
        return None;
    }
    let found = paths.iter().filter(|path| path.exists()).next();
    //= clippy::filter_next
    let first = map.get("a").map(|path| path.clone()).unwrap_or_else(|| PathBuf::new());
    //= clippy::map_clone
    let mut n = 0;
    for path in paths.iter() {
        //= clippy::explicit_iter_loop
        n = n + path.metadata().map(|data| data.len() as usize).unwrap_or(0);
        //= clippy::assign_op_pattern
    }
    let entries = fs::read_dir("a").ok()?;
    for path in entries {
        n += path.map(|path| path.path().exists() as usize).unwrap_or(0);
    }
    for i in 0..paths.len() {
        //= clippy::needless_range_loop
        n += paths[i].exists() as usize;
    }
    let text = fs::read_to_string(&first).ok()?;
    let lines = text.lines().map(|line| line.len()).fold(0, |sum, len| sum + len);
    //= clippy::unnecessary_fold
    match found {
        Some(path) => path.exists().then(|| ()),
        //= clippy::unnecessary_lazy_evaluations
        None => None,
    }?;
    return Some(n + lines);
    //= clippy::needless_return
}

#[no_block]
pub async fn locks(mutex: &Mutex<Vec<u8>>, shared: &RwLock<u8>) -> u8 {
    let _ = mutex.lock();
    //= let_underscore_lock
    let guard = mutex.lock().unwrap();
    //= clippy::await_holding_lock
    tokio::task::yield_now().await;
    let value = *shared.read().unwrap();
    if let Ok(one) = mutex.try_lock() {
        return one.len() as u8;
        //= clippy::cast_possible_truncation
    };
    guard.len() as u8 + value
}

#[no_block]
pub async fn awaits(mut requests: tokio::sync::mpsc::Receiver<u32>) -> u32 {
    let mut sum = 0;
    let mut count = 0;
    while let Some(request) = requests.recv().await {
        if request == 0 {
            std::thread::sleep(std::time::Duration::from_millis(request as u64));
            //= clippy::cast_lossless
            continue;
        } else {
            //= clippy::redundant_else
            sum += request;
        }
        count += 1;
    }
    let handle = tokio::spawn(async move { fs::metadata("a").is_ok() });
    let next = match tokio::time::timeout(std::time::Duration::from_secs(1), requests.recv()).await {
        //= clippy::single_match_else
        Ok(next) => next,
        _ => {
            count += fs::read("a").map_or(1, |_| 2);
            None
        }
    };
    count += next.unwrap_or_default();
    let (a, b) = tokio::join!(async { 1 }, async { fs::read("a").is_ok() });
    tokio::select! {
        done = handle => { let _ = done; }
        () = tokio::time::sleep(std::time::Duration::from_secs(1)) => { Path::new("a").exists(); }
        //= unused_must_use
    }
    drop(&b);
    //= dropping_references
    sum + a + count
}

#[no_block]
pub async fn assigned(mut limit: u32, mut rest: Vec<u8>, mut none: u8) -> impl Fn() -> u32 {
    //= unused_variables
    //= unused_mut
    limit = limit + 1;
    //= clippy::assign_op_pattern
    rest = Vec::new();
    //= unused_assignments
    fs::write("a", "b").unwrap();
    fn late(limit: u32) -> u32 {
        //= clippy::items_after_statements
        limit
    }
    return move || late(limit);
    //= clippy::needless_return
}

macro_rules! set {
    ($place:expr, $value:expr) => {
        $place = $value
    };
}

pub struct Open(bool);

impl Drop for Open {
    fn drop(&mut self) {
        println!("{}", self.0);
    }
}

impl Open {
    #[no_block]
    pub async fn commit(mut self) {
        tokio::task::yield_now().await;
        self.0 = false;
    }

    #[no_block]
    pub async fn early(mut self, path: &Path) -> std::io::Result<()> {
        if fs::exists(path)? {
            set!(self.0, false);
            return Ok(());
        }
        tokio::select! {
            () = tokio::task::yield_now() => self.0 = true,
            else => { self.0 = false; }
        }
        match path.exists() {
            //= clippy::match_bool
            true => self.0 ^= true,
            false => tokio::task::yield_now().await,
        }
        Ok(())
    }

    #[no_block]
    pub async fn never_changed(mut self) {
        //= unused_mut
        drop(self);
    }
}

#[no_block]
pub async fn given(mut open: Open, mut n: u32, mut list: Vec<u8>, none: String, #[allow(unused)] mut few: u8) -> u32 {
    //= unused_variables
    tokio::select! { () = tokio::task::yield_now() => { open.0 = false; n += 1; } }
    set!(list, Vec::new());
    (few, _) = (3, 1);
    n
}

#[no_block]
pub async fn dropped_results(path: &Path) {
    // SAFETY: nothing in it needs to be.
    unsafe { path.exists() };
    //= unused_must_use
    //= unused_unsafe
    { fs::read("a") };
    //= unused_must_use
}

#[no_block]
pub async fn expects(path: PathBuf) {
    #[expect(deprecated)]
    std::thread::sleep(std::time::Duration::from_millis(1));
    #[expect(clippy::needless_borrows_for_generic_args)]
    let read = fs::read(&"a");
    #[expect(unused_must_use)]
    path.metadata();
    #[expect(unused_mut)]
    //= unfulfilled_lint_expectations
    let never = true;
    let unused = 1;
    //= unused_variables
    drop((read, never));
}

#[no_block]
pub async fn formats(n: u32, path: &Path) -> Result<String, std::fmt::Error> {
    use std::fmt::Write as _;
    let mut text = format!("{}", n);
    //= clippy::uninlined_format_args
    println!("{}", path.exists().to_string());
    //= clippy::to_string_in_format_args
    write!(text, "{}", n)?;
    //= clippy::uninlined_format_args
    print!("{}\n", fs::read("a").is_ok());
    //= clippy::print_with_newline
    tokio::join!(async { eprintln!("{}", format!("a{n}")) });
    //= clippy::format_in_format_args
    assert!(path.exists(), "{}", n);
    Ok(text)
}

#[no_block]
pub async fn borrows<'a>(path: &'a Path, #[allow(unused_variables)] none: u8, text: String) -> std::io::Result<()> {
    //= clippy::needless_lifetimes
    fs::write(path, &*text)?;
    assert_eq!(path.exists(), true);
    //= clippy::bool_assert_comparison
    assert_eq!(fs::read_to_string(path)?, String::from("x"));
    let _ = fs::read(path).expect(&format!("no {}", path.display()));
    //= clippy::expect_fun_call
    let mut i = 0;
    for entry in fs::read_dir(path)?.into_iter() {
        //= clippy::explicit_counter_loop
        println!("{i} {:?}", entry?.path().exists());
        i += 1;
    }
    for text in vec!["a"].iter() {
        //= clippy::useless_vec
        Path::new(text).exists();
        //= unused_must_use
    }
    let _: u8 = serde_json::from_reader(File::open(path).unwrap()).unwrap();
    if let Err(error) = fs::remove_file(path) {
        return Err(std::io::Error::new(std::io::ErrorKind::Other, format!("a {error}")));
        //= clippy::io_other_error
    }
    Ok(())
}

macro_rules! of_the_future {
    ($future:ident.await) => {
        $future.await
    };
}

#[no_block]
pub async fn opaque_inside(path: &Path) -> Result<impl Fn(usize) -> usize + use<>, std::io::Error> {
    let n = fs::read(path)?.len();
    let future = async { 1 };
    let more = of_the_future!(future.await);
    Ok(move |x| x + n + more)
}

#[no_block]
pub async fn forever(stdin: std::io::Stdin) -> ! {
    let mut line = String::new();
    loop {
        stdin.lock().read_line(&mut line).unwrap();
        tokio::task::yield_now().await;
    }
}

#[no_block]
pub async fn gives_future() -> impl Future<Output = bool> {
    let there = Path::new("a").exists();
    async move { there }
}

#[no_block]
pub async fn without_await(path: PathBuf, other: u32) -> bool {
    //= clippy::unused_async
    //= unused_variables
    path.exists()
}

#[no_block]
pub async fn parameters(mut path: PathBuf, (a, mut b): (Vec<Box<u8>>, usize), _: u8, f: impl Fn(&Path)) -> usize {
    //= unused_mut
    b += a.len() + fs::read(&path).map_or(0, |data| data.len());
    f(&path);
    b
}

#[no_block]
pub async fn listed(path: &Path) -> usize {
    let mut count = 0;
    match fs::read_dir(path) {
        //= clippy::single_match
        Ok(entries) => for _ in entries {
            count += 1;
        },
        Err(_) => {}
    }
    count
}

#[no_block]
pub fn boxed<'a>(path: &'a Path) -> Pin<Box<dyn Future<Output = std::io::Result<u64>> + Send + 'a>> {
    Box::pin(async move {
        let text = fs::read_to_string(&path)?;
        //= clippy::needless_borrows_for_generic_args
        tokio::task::yield_now().await;
        Err(std::io::Error::other(text))?
    })
}

pub struct Store {
    file: Option<File>,
}

#[no_block]
impl Store {
    pub async fn open(path: &str) -> std::io::Result<Store> {
        let file = File::open(path)?;
        struct Unused;
        //= dead_code
        Ok(Self { file: Some(file) })
    }

    pub async fn read(&mut self) -> std::io::Result<Vec<u8>> {
        let mut data = vec![0; 10];
        match self.file.as_mut() {
            Some(file) => {
                let n = file.read(&mut data)?;
                data.truncate(n);
                Ok(data)
            }
            None => return Err(std::io::ErrorKind::NotFound.into()),
            //= clippy::needless_return
        }
    }
}
