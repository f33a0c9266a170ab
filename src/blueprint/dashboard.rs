//! A dashboard becomes a CloudWatch dashboard, its widgets drawn from the blocks that it shows.

use std::collections::BTreeMap;

use serde_json::json;

use super::metric::Emitter;
use super::page::Page;
use super::{Build, BuildContext};
use crate::catalog::{Type, cloudwatch_dashboard};
use crate::model::graph::What;
use crate::spec::blocks::alarm::Alarm;
use crate::spec::blocks::dashboard::Dashboard;
use crate::spec::blocks::every_block;
use crate::spec::{self, Block as _, Declared};

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
}

impl Dashboard {
    fn draw_all(&self, page: &mut Page<'_>) {
        let blocks = &page.spec.blocks;
        let alarms = blocks.alarm.iter().filter(|(name, _)| self.shows(Alarm::KIND, name));
        let arns: Vec<String> = alarms.map(|(name, alarm)| alarm.arn(name, page.spec, page.scope)).collect();
        page.alarms(&arns);
        macro_rules! draw {
            ($($kind:ident::$block:ident),* $(,)?) => { $(self.draw_each(&blocks.$kind, page);)* };
        }
        every_block!(draw!);
    }

    /// Draws the blocks of a kind that it shows and that emit metrics.
    fn draw_each<B: Build>(&self, blocks: &BTreeMap<String, Declared<B>>, page: &mut Page<'_>) {
        for (name, block) in blocks.iter().filter(|(name, _)| self.shows(B::KIND, name)) {
            if let Some(emitter) = Emitter::of(B::KIND, name, page.spec) {
                page.block(&format!("{}.{name}", B::KIND), emitter);
                block.draw(name, page);
            }
        }
    }
}
