//! Files of this machine: what lies in the project, how much of it is read, and how code becomes a package.

pub mod bounded;
pub mod built;
pub mod content;
pub mod entry;
pub mod folders;
pub mod package;
pub mod process;
pub mod project;
pub mod root;
mod seal;
