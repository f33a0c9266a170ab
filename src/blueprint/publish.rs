//! What is published becomes parameters of SSM, each after the block that it speaks of.

use super::{Build, BuildContext, resolved};
use crate::catalog::Type;
use crate::catalog::ssm_parameter::{self, StageUrl};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::blocks::Kind;
use crate::spec::blocks::publish::{Publish, Published};

impl Build for Publish {
    const TYPE: Option<Type> = None;

    fn build(&self, site: &mut BuildContext<'_>) {
        for (output, value) in &self.outputs {
            let Some(((kind, name), published)) = value.block().zip(value.output()) else { continue };
            let said = Said::of(kind, name, published, site);
            let block = Address::block(kind.name(), name);
            let parameter = ssm_parameter::Spec {
                name: self.parameter(output, site.spec),
                value_type: ssm_parameter::string(),
                value: said.value,
                stage: said.stage,
                description: self.description.clone(),
                tags: site.part_tags(output, &self.tags),
            };
            site.output(output, parameter.name.clone());
            site.add_part(output, parameter, [said.after]);
            site.flow(site.address.clone(), What::Shows, block);
        }
    }

    fn key(&self) -> Option<&str> {
        None
    }
}

/// What a parameter says, and the resource without which that would not be true.
struct Said {
    value: Option<String>,
    stage: Option<StageUrl>,
    after: Address,
}

impl Said {
    fn of(kind: Kind, name: &str, published: Published, site: &BuildContext<'_>) -> Self {
        let block = resolved::resolve(kind, name, site.spec, site.scope);
        let after = Address::block(kind.name(), name);
        let said = |value| Self { value, stage: None, after: after.clone() };
        match published {
            Published::Name => said(Some(block.name)),
            Published::Arn => said(Some(block.arn)),
            Published::KmsKey => said(block.key),
            Published::Url => {
                let api = site.spec.blocks.api.own().get(name);
                let stage = api.map(|api| StageUrl { api: block.name, name: api.stage_name(site.spec) });
                Self { value: None, stage, after: after.part("stage") }
            }
        }
    }
}
