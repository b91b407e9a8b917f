//! Holds nothing: the examples stand beside this file.
