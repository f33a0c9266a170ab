//! A dashboard becomes a CloudWatch dashboard, its widgets drawn from the blocks that it shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::metric::Emitter;
use super::page::Page;
use super::resolved::resolve;
use super::{Build, BuildContext};
use crate::catalog::{Type, cloudwatch_dashboard};
use crate::model::graph::What;
use crate::spec::blocks::alarm::Alarm;
use crate::spec::blocks::dashboard::Dashboard;
use crate::spec::blocks::{Kind, every_block};
use crate::spec::{self, Block as _, Declarations};

impl Build for Dashboard {
    const TYPE: Option<Type> = Some(Type::Dashboard);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let own = self.body.as_deref().and_then(spec::json::object);
        let body = own.unwrap_or_else(|| {
            let mut page = Page::new(site.spec, site.scope);
            self.draw_all(&mut page);
            json!({ "widgets": page.widgets() })
        });
        site.add(cloudwatch_dashboard::Spec { name: name.clone(), body }, []);
        // One that shows everything says nothing by pointing at everything.
        for shown in &self.shows {
            site.flow(site.address.clone(), What::Shows, shown.address());
        }
        let region = &site.scope.region;
        if let Some(console) = site.scope.console() {
            site.output(
                "url",
                format!("https://{console}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"),
            );
        }
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        None
    }
}

impl Dashboard {
    fn draw_all(&self, page: &mut Page<'_>) {
        let blocks = &page.spec.blocks;
        let (own, external) = (blocks.alarm.own().keys(), blocks.alarm.external().keys());
        let alarms: BTreeSet<&String> = own.chain(external).filter(|name| self.shows(Alarm::KIND, name)).collect();
        let arn = |name: &&String| resolve(Kind::Alarm, name, page.spec, page.scope).arn;
        let arns: Vec<String> = alarms.iter().map(arn).collect();
        page.alarms(&arns);
        macro_rules! draw {
            ($($kind:ident::$block:ident),* $(,)?) => { $(self.draw_each(&blocks.$kind, page);)* };
        }
        every_block!(draw!);
    }

    /// Draws the blocks of a kind that it shows and that emit metrics.
    fn draw_each<B: Build>(&self, blocks: &Declarations<B>, page: &mut Page<'_>) {
        // The metrics of another account are no graph of this one's.
        let external = blocks.external().iter().filter(|(_, external)| !external.is_outside(&page.scope.account));
        let external = external.map(|(name, _)| (name, None));
        let own = blocks.own().iter().map(|(name, declared)| (name, Some(&declared.block)));
        let all: BTreeMap<&String, Option<&B>> = own.chain(external).collect();
        for (name, own) in all.into_iter().filter(|(name, _)| self.shows(B::KIND, name)) {
            if let Some(emitter) = Emitter::of(B::KIND, name, page.spec) {
                page.block(&format!("{}.{name}", B::KIND), emitter);
                B::draw(own, name, page);
            }
        }
    }
}
