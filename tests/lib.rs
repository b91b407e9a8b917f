//! Holds nothing: the tests of the workspace stand beside this file.
