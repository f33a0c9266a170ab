//! The names that an expression may use at a place in it.

use super::builtins::BUILTINS;

/// A name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    /// `$x`.
    Variable(String),
    /// What `break $x` leads to.
    Label(String),
    /// `f(a; b)`, with the number of its arguments.
    Function(String, usize),
}

/// What has been declared so far; what is declared in an expression is forgotten behind it.
#[derive(Default)]
pub(super) struct Scope(Vec<Name>);

impl Scope {
    /// How much is known; [`Scope::back_to`] forgets what came later.
    pub(super) fn mark(&self) -> usize {
        self.0.len()
    }

    pub(super) fn back_to(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// Takes out what came later than the mark.
    pub(super) fn split_off(&mut self, mark: usize) -> Self {
        Self(self.0.split_off(mark))
    }

    pub(super) fn extend(&mut self, Self(names): Self) {
        self.0.extend(names);
    }

    pub(super) fn variable(&mut self, name: &str) {
        self.0.push(Name::Variable(name.to_owned()));
    }

    pub(super) fn label(&mut self, name: &str) {
        self.0.push(Name::Label(name.to_owned()));
    }

    pub(super) fn function(&mut self, name: &str, arguments: usize) {
        self.0.push(Name::Function(name.to_owned(), arguments));
    }

    pub(super) fn has_variable(&self, name: &str) -> bool {
        name == "ENV" || self.0.contains(&Name::Variable(name.to_owned()))
    }

    pub(super) fn has_label(&self, name: &str) -> bool {
        self.0.contains(&Name::Label(name.to_owned()))
    }

    pub(super) fn has_function(&self, name: &str, arguments: usize) -> bool {
        self.0.contains(&Name::Function(name.to_owned(), arguments)) || BUILTINS.contains(&(name, arguments))
    }
}

/// The builtin functions of a name, by the numbers of their arguments.
pub(super) fn builtins(name: &str) -> impl Iterator<Item = usize> {
    BUILTINS.iter().filter(move |(known, _)| *known == name).map(|(_, arguments)| *arguments)
}
