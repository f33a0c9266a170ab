//! Futures whose type nobody has to name.

use std::pin::Pin;

/// A future in a box, so that kinds can be trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
