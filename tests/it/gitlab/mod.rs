//! The real `.gitlab-ci.yml`, run by gitlab-ci-local, and checked against GitLab's own schema.
//!
//! What gitlab-ci-local does not act on is asserted of the file itself: `resource_group`, `interruptible`, `id_tokens`,
//! reports, who may read artifacts and for how long they are kept.

mod credentials;
mod jobs;
mod life;
mod project;
pub(crate) mod template;
mod tools;

/// The file that this repository uses, and `pipectl init` writes.
const TEMPLATE: &str = include_str!("../../../.gitlab-ci.yml");
