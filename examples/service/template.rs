//! A page template, read from its file each time: the blocking call lies two helpers below the handler.

use std::io;
use std::path::Path;

const FILE: &str = "welcome.html";

/// Writes the template that [`render`] reads.
pub(crate) fn create(templates: &Path) -> io::Result<()> {
    std::fs::write(templates.join(FILE), "<h1>Welcome, {{name}}</h1>\n")
}

/// The page for `name`.
pub(crate) fn render(templates: &Path, name: &str) -> io::Result<String> {
    Ok(source(templates)?.replace("{{name}}", name))
}

fn source(templates: &Path) -> io::Result<String> {
    std::fs::read_to_string(templates.join(FILE)) // the place that the guard names
}
