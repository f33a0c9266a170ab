//! What resources are made of in other tools: the words in which the kinds say it, and from which files are written.

pub(super) mod cloudformation;
pub(super) mod terraform;
