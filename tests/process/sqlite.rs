// A C library below a Rust one: the Rust function that the user called is named, and the user's line.
// expect: db rusqlite::Connection::open @open
// expect: db rusqlite::Connection::execute @execute
// expect: db rusqlite::Connection::query_row @query
// expect: db rusqlite::inner_connection::InnerConnection::drop @close
// expect: db rusqlite::Connection::open @open-all
// expect: db rusqlite::Connection::execute @execute-all
// expect: db rusqlite::Connection::query_row @first-all
// expect: db rusqlite::Connection::query_row @last-all
// expect: db rusqlite::inner_connection::InnerConnection::drop @close-all
// expect: fs std::fs::exists @after-all
// forbid: "location":null
// only

use rusqlite::Connection;
use std::path::PathBuf;

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("sqlite-{}.db", std::process::id()))
}

struct Store {
    connection: Connection,
}

impl Store {
    fn open() -> rusqlite::Result<Store> {
        let connection = Connection::open(path())?; // @open
        Ok(Store { connection })
    }

    fn add(&self, name: &str) -> rusqlite::Result<usize> {
        self.connection.execute("INSERT INTO users (name) VALUES (?1)", [name]) // @execute
    }

    fn count(&self) -> rusqlite::Result<i64> {
        self.connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0)) // @query
    }
}

#[guard_runtime::no_block]
async fn handler() -> rusqlite::Result<i64> {
    let store = Store::open()?;
    tokio::task::yield_now().await;
    store.add("a")?;
    tokio::task::yield_now().await;
    store.count()
} // @close

/// Everything in one poll, below a helper: a hundred libc calls with as many stacks, and nothing of it is lost.
fn all_at_once() -> rusqlite::Result<i64> {
    let sum = {
        let connection = Connection::open(path())?; // @open-all
        connection.execute("INSERT INTO users (name) VALUES (?1)", ["b"])?; // @execute-all
        let one: i64 = connection.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?; // @first-all
        let all = "SELECT count(*) FROM users a, users b";
        one + connection.query_row::<i64, _, _>(all, [], |row| row.get(0))? // @last-all
    }; // @close-all
    assert!(std::fs::exists(path()).unwrap()); // @after-all
    Ok(sum)
}

#[guard_runtime::no_block]
async fn at_once() -> rusqlite::Result<i64> {
    all_at_once()
}

#[tokio::main]
pub(crate) async fn main() {
    Connection::open(path()).unwrap().execute_batch("CREATE TABLE users (name TEXT)").unwrap();
    assert_eq!(handler().await.unwrap(), 1);
    assert_eq!(at_once().await.unwrap(), 2 + 4);
    assert_eq!(guard_runtime::stats().lost(), 0);
    std::fs::remove_file(path()).unwrap();
}
