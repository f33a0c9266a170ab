//! `pipectl apply plan.json`: the file is what was reviewed. What is done is worked out again, from what this command is
//! told, and from no word of the file.

use std::path::Path;

use super::super::failure::{Failure, Outcome};
use super::super::planning::keeps_policy;
use super::super::planning::{self, plan_request};
use super::super::printer::Printer;
use super::super::session::{Code, Session, SpecArgs, in_ci, site_of};
use super::super::show::read;
use super::{Args, How, execute};
use crate::cost::expected;
use crate::engine::plan::Action;
use crate::engine::plan::selection::Selection;
use crate::engine::planfile::{Plan, Purpose};
use crate::model::graph::Graph;
use crate::ops::apply::Origin;
use crate::ops::drift::{Chosen, Revert};
use crate::ops::fault::{Fault, Staleness};
use crate::ops::plan::PlanRequest;
use crate::ops::preconditions::check_preconditions;
use crate::ops::request::Request;
use crate::report::style::Clean;

/// Applies the plan in a file.
pub(super) async fn run(args: &Args, file: &Path, how: How, printer: Printer) -> Outcome {
    let (plan, digest) = read(file)?;
    purposed(args, &plan, file)?;
    let selection = args.selecting.selection();
    same_part(args, (&selection, &plan), file)?;
    if args.without_spec {
        return alone(&plan, &digest, how, printer).await;
    }
    let spec = args.spec.or_of(&plan.env)?;
    // What `plan` has built is a part of what was reviewed: nothing is built here.
    let code = if matches!(plan.purpose, Purpose::Apply | Purpose::Adopt) { Code::Built } else { Code::None };
    let session = Session::open_for(&spec, code, &plan.scope, printer).await?;
    same_spec(args, &session, &plan, file)?;
    check_preconditions(&session.site, &plan).map_err(|fault| adoptable(fault, args, &plan))?;
    let adopt = args.adoption.parse(&session.graph)?;
    if matches!(plan.purpose, Purpose::Apply | Purpose::Adopt) {
        keeps_policy(&session.loaded, &session.graph)?;
    }
    let (traffic, nothing) = (expected(&session.loaded.spec), Graph::default());
    let chosen = Chosen::new(args.revert.as_deref().unwrap_or_default());
    let policy = &session.loaded.spec.policy;
    let request = match plan.purpose {
        Purpose::Apply => {
            Request::Whole(PlanRequest { selection: &selection, ..plan_request(&session, &traffic, &adopt) })
        }
        Purpose::Adopt => Request::Adoption(plan_request(&session, &traffic, &adopt)),
        Purpose::Destroy => Request::Whole(PlanRequest::destruction(&nothing, policy, &traffic)),
        Purpose::Revert => {
            let left_alone = &session.graph.left_alone;
            Request::Revert(Revert { chosen: &chosen, policy, traffic: &traffic, left_alone })
        }
    };
    // Nobody is asked to approve of what a file says that it opens, for the file may have made that up: the plan that is
    // worked out again is refused for it, unless the command line approves of that.
    let command = command(args, &plan, file);
    let origin = Origin::File { request: &request, command: &command };
    execute(&session.site, &plan, &digest, origin, how, printer).await
}

/// What is in the way is not told to be given what was just given: a plan that was made without it stays without.
fn adoptable(fault: Fault, args: &Args, plan: &Plan) -> Fault {
    match fault {
        Fault::Conflicts(all) if plan.purpose == Purpose::Apply && !args.adoption.is_empty() => {
            let words = [args.spec.words_for(&plan.env), args.adoption.words()].concat();
            Fault::NotAdopted { all, command: Clean(&planning::plan_command(&words)).to_string() }
        }
        fault => fault,
    }
}

/// Applies a plan without its spec, as somebody asks who knows that it is not here.
async fn alone(plan: &Plan, digest: &str, how: How, printer: Printer) -> Outcome {
    if in_ci() {
        let error = anyhow::anyhow!("`--without-spec` is for people: in CI, a plan is held against its spec");
        return Err(Fault::helped(error, "check the project out, and apply the plan there").into());
    }
    if plan.purpose == Purpose::Adopt {
        return Err(Failure::new("an adoption needs its spec: `--without-spec` cannot apply it"));
    }
    printer
        .warn("without the spec, nothing says whether this plan is what the spec comes to, or what `[policy]` forbids");
    let site = site_of(plan).await?;
    check_preconditions(&site, plan)?;
    execute(&site, plan, digest, Origin::FileAlone, how, printer).await
}

/// Refuses a plan that is for something else than this command says: a file that was swapped must not make a destruction of
/// an apply.
fn purposed(args: &Args, plan: &Plan, file: &Path) -> Result<(), Fault> {
    let adopts = !args.adoption.is_empty() || args.without_spec;
    let (meant, what) = match plan.purpose {
        Purpose::Apply => (!args.destroy && args.revert.is_none(), "it makes AWS as the spec says"),
        Purpose::Adopt => (!args.destroy && args.revert.is_none() && adopts, "it is an adoption"),
        Purpose::Destroy => (args.destroy, "it destroys everything that the environment owns"),
        Purpose::Revert => (args.revert.is_some(), "it reverts drift"),
    };
    if meant { Ok(()) } else { Err(Fault::Unasked { what: what.to_owned(), command: command(args, plan, file) }) }
}

/// Refuses a plan of another part of what there is to do than this command says.
fn same_part(args: &Args, (asked, plan): (&Selection, &Plan), file: &Path) -> Result<(), Fault> {
    if plan.selection == *asked {
        return Ok(());
    }
    let words = plan.selection.words().join(" ");
    let what =
        if words.is_empty() { "it is the whole plan".to_owned() } else { format!("it is made with {}", Clean(&words)) };
    Err(Fault::Unasked { what, command: command(args, plan, file) })
}

/// Refuses the plan of another environment or spec, or with values of its own that this command does not give it.
fn same_spec(args: &Args, session: &Session, plan: &Plan, file: &Path) -> Result<(), Fault> {
    let site = &session.site;
    if (&plan.project, &plan.env) != (&site.project, &site.env) {
        let of = |project: &str, env: &str| format!("{} of {}", Clean(env), Clean(project));
        let (planned, actual) = (of(&plan.project, &plan.env), of(&site.project, &site.env));
        return Err(Fault::Stale(Staleness::Environment { planned, actual }));
    }
    let Some(spec) = &plan.spec else {
        return match plan.purpose {
            Purpose::Destroy | Purpose::Revert => Ok(()),
            Purpose::Apply | Purpose::Adopt => Err(Fault::Stale(Staleness::Spec("no spec".to_owned()))),
        };
    };
    if spec.overrides != session.spec.overrides {
        let list = |all: &[String]| if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        let what = format!("values instead of the spec's: {}", list(&spec.overrides));
        return Err(Fault::Unasked { what, command: command(args, plan, file) });
    }
    if spec.digest != session.spec.digest {
        return Err(Fault::Stale(Staleness::Spec(session.spec.file.clone())));
    }
    Ok(())
}

/// The command that applies what a file says, as far as the file says it.
fn command(args: &Args, plan: &Plan, file: &Path) -> String {
    let mut words = args.spec.place_words(&plan.env);
    let overrides = plan.spec.as_ref().map_or(args.spec.overrides(), |spec| &spec.overrides);
    words.extend(SpecArgs::set_words(overrides));
    words.extend(plan.selection.words());
    words.extend(match plan.purpose {
        Purpose::Adopt if args.adoption.is_empty() => plan
            .changes
            .0
            .iter()
            .filter(|change| change.action == Action::Adopt)
            .flat_map(|change| ["--adopt".to_owned(), change.address.to_string()])
            .collect(),
        Purpose::Apply | Purpose::Adopt => args.adoption.words(),
        Purpose::Destroy => vec!["--destroy".to_owned()],
        Purpose::Revert => vec!["--revert".to_owned()],
    });
    Clean(&planning::command(file, &words)).to_string()
}
