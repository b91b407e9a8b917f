// Commands whose children run code before they execute a program, as `pre_exec` has it: nothing of ours breaks them, and
// nothing that they do is told.
// env: NO_BLOCK_ARM=workers
// expect: armed: 20 of 20
// expect: guarded: 20 of 20
// expect: by std's own way: 20 of 20
// expect: process std::process::Command::status @guarded
// expect: sleep std::thread::sleep @after
// forbid: @child
// forbid: panicked
// forbid: guard:

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

fn in_child() -> io::Result<()> {
    std::thread::sleep(Duration::from_millis(3)); // @child
    let _ = std::fs::metadata("/etc/hostname");
    std::thread::sleep(Duration::from_millis(3));
    Ok(())
}

fn command() -> Command {
    let mut command = Command::new("/bin/true");
    // SAFETY: sleeping and asking for a file's metadata are system calls, and allocate nothing that is not on the stack.
    unsafe { command.pre_exec(in_child) };
    command
}

fn succeeds(mut command: Command) -> u32 {
    // A parent that has computed and waited: its child's account begins at zero.
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(2) {}
    std::thread::sleep(Duration::from_millis(2));
    u32::from(command.status().is_ok_and(|status| status.success())) // @guarded
}

#[guard_runtime::no_block]
async fn guarded() -> u32 {
    succeeds(command())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
pub(crate) async fn main() {
    let (mut armed, mut in_poll, mut spawned) = (0, 0, 0);
    for _ in 0..20 {
        armed += tokio::spawn(async { succeeds(command()) }).await.unwrap();
        in_poll += tokio::spawn(guarded()).await.unwrap();
        spawned += tokio::spawn(async { succeeds(Command::new("/bin/true")) }).await.unwrap();
    }
    eprintln!("armed: {armed} of 20");
    eprintln!("guarded: {in_poll} of 20");
    eprintln!("by std's own way: {spawned} of 20");
    tokio::spawn(async { std::thread::sleep(Duration::from_millis(2)) }).await.unwrap(); // @after
}
