//! Which changes of a table lose items, or keep somebody out.
