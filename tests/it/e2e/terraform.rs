//! Terraform, where a machine has it: `TF_MIRROR` names the folder that its AWS provider is in, laid out as `terraform
//! providers mirror` does it. Nothing is fetched.

use std::path::PathBuf;
use std::process::Command;

use crate::support::cli::Cli;
use crate::support::emulator::Account;

/// Terraform in a folder, pointed at an account of an emulator.
pub(crate) struct Terraform {
    mirror: PathBuf,
    folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Terraform {
    /// The Terraform of this machine; without one, says that the test is skipped.
    pub(crate) fn here() -> Option<Self> {
        let (Some(mirror), Ok(_)) = (std::env::var_os("TF_MIRROR"), Command::new("terraform").arg("version").output())
        else {
            println!("skipped: it takes `terraform`, and TF_MIRROR with the folder of its AWS provider");
            return None;
        };
        Some(Self { mirror: mirror.into(), folder: PathBuf::new(), environment: Vec::new() })
    }

    /// Begins in a folder that has a configuration.
    pub(crate) fn begin(&mut self, cli: &Cli, folder: &str, account: &Account) {
        let mirror = self.mirror.display();
        let only = format!("provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n");
        cli.write("terraformrc", &only);
        self.folder = cli.path(folder);
        self.environment = account.environment();
        let config = cli.path("terraformrc").to_str().unwrap().to_owned();
        self.environment.push(("TF_CLI_CONFIG_FILE".to_owned(), config));
        self.environment.push(("CHECKPOINT_DISABLE".to_owned(), "1".to_owned()));
        self.run(&["init", "-input=false"]);
    }

    /// Its standard output, once it has ended well.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(&self.folder).envs(self.environment.iter().cloned());
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "terraform {arguments:?}\n{stdout}\n{stderr}");
        stdout
    }
}
