//! Where reports are written: stderr, or a file that is appended to.

use crate::config::Settings;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The file that was opened last, or None for it if that failed.
static FILE: Mutex<Option<(PathBuf, Option<File>)>> = Mutex::new(None);

/// Whether no thread is writing.
pub(super) fn is_idle() -> bool {
    FILE.try_lock().is_ok()
}

/// Writes one report, with one system call, so that reports of several threads do not mix. To be called with hooks
/// silenced.
///
/// A file that cannot be opened is one line on stderr, where the reports then go as well. Nothing else can fail in a
/// way that someone could be told about.
pub(super) fn write(settings: &Settings, report: &str) {
    let line = format!("{report}\n");
    let Some(path) = &settings.output else {
        return to_stderr(&line);
    };
    let mut slot = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.as_ref().is_none_or(|(open, _)| open != path) {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        if let Err(error) = &opened {
            let text =
                format!("guard: NO_BLOCK_OUTPUT: cannot open {}: {error}; using stderr\n", path.display());
            to_stderr(&text);
        }
        *slot = Some((path.clone(), opened.ok()));
    }
    let written = match &mut *slot {
        Some((_, Some(file))) => file.write_all(line.as_bytes()).is_ok(),
        _ => false,
    };
    if !written {
        to_stderr(&line);
    }
}

/// Writes to standard error, whatever the output is.
pub(super) fn to_stderr(text: &str) {
    // Nobody is left to tell where it is closed.
    let _ = stderr(text.as_bytes());
}

/// Under std's own lock, so that no line of the program's is torn apart. Not by `eprint!`, whose text a test may capture.
fn stderr(mut bytes: &[u8]) -> io::Result<()> {
    let mut stderr = io::stderr().lock();
    // A pipe that is full and does not wait is asked again for some seconds: its reader may be slow.
    for _ in 0..5_000 {
        match stderr.write(bytes) {
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            Err(error) => return Err(error),
        }
        if bytes.is_empty() {
            break;
        }
    }
    Ok(())
}
