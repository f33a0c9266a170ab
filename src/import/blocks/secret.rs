//! `[secret.<name>]`, from a secret of Secrets Manager. Its value is not read: the block says that there is one, and the plan of
//! it asks for none as long as there is.

use super::Sketch;
use crate::import::block::Setting;

const KIND: &str = "secretsmanager_secret";

/// AWS does not know where a value came from.
const NOTE: &str = "Its value stays as it is, and nobody has looked at it. Only an apply that has to make the secret anew takes one, \
                    from the environment variable PIPECTL_SECRET_<BLOCK>: `variable` names another, `generate` has one made up.";

pub(super) fn suggest(sketch: &mut Sketch<'_>) {
    for (key, live) in sketch.all(KIND) {
        let mut block = sketch.begin("secret", (KIND, key), live, key);
        block.set_unless("description", live["description"].clone(), "");
        block.set("kms_key", live["kms_key"].clone());
        block.say("recovery_days", Setting::Noted(live["recovery_days"].clone(), NOTE));
        block.tagged(live);
        sketch.add(block);
    }
}
