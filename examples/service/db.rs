//! The SQLite database: how it is filled, and the queries on it.

use std::path::Path;

use rusqlite::{Connection, params};

/// The database's file name.
pub(crate) const FILE: &str = "orders.db";

const ORDERS: i64 = 40_000;
const CUSTOMERS: i64 = 500;

/// Creates the database with some orders in it.
pub(crate) fn create(files: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(files.join(FILE))?;
    connection.execute_batch(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, cents INTEGER, note TEXT)",
    )?;
    let transaction = connection.transaction()?;
    {
        let mut insert =
            transaction.prepare("INSERT INTO orders (customer, cents, note) VALUES (?1, ?2, ?3)")?;
        for order in 0..ORDERS {
            insert.execute(params![order % CUSTOMERS, order * 37 % 9_000, format!("order {order}")])?;
        }
    }
    transaction.commit()
}

/// What a customer spent. There is no index on `customer`, so this reads the whole table.
pub(crate) const SPENT_BY: &str = "SELECT sum(cents) FROM orders WHERE customer = ?1";

/// The mean order and the number of distinct prices.
pub(crate) fn statistics(connection: &Connection) -> rusqlite::Result<String> {
    connection.query_row("SELECT avg(cents), count(DISTINCT cents) FROM orders", [], |row| {
        Ok(format!("mean {:.2}, {} prices", row.get::<_, f64>(0)? / 100.0, row.get::<_, i64>(1)?))
    })
}
