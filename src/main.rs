//! Parses, runs, and turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    pipectl::cli::main(exit)
}

/// Ends the process, whatever it is at.
#[expect(clippy::exit, reason = "at a signal, a command may be at something that never ends")]
fn exit(code: u8) -> ! {
    std::process::exit(code.into())
}
