//! Parameters of SSM that hold a name or an ARN for others to read.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::unmodelled::ssm::shown;
use super::{apigateway, ssm};
use crate::aws::error::{failed, present};
use crate::aws::slim::{Caller, Sealed, to_tags};
use crate::aws::ssm::{GetParameters, Live, Metadata, PutParameter, SECURE_STRING, Ssm};
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::ssm_parameter::{Outputs, Parameter, Spec, StageUrl};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

const GET: &str = "ssm GetParameters";
const PUT: &str = "ssm PutParameter";

/// How many parameters one GetParameters gives.
const PER_CALL: usize = 10;

/// How long a deleted parameter's name may stay taken: "wait for at least 30 seconds", says DeleteParameter.
const NAME_FREE: Duration = Duration::from_secs(45);

impl Calls for Parameter {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Ssm>::new).await;
        let descriptions = aws.batch::<Option<Metadata>>();
        let url = async {
            match hint.and_then(|hint| hint.stage.as_ref()) {
                Some(stage) => url(aws, stage).await.map(|url| url.map(|url| (stage.clone(), url))),
                None => Ok(None),
            }
        };
        let (live, described, tags, url) = tokio::try_join!(
            live(aws, key),
            ssm::described(&client, &descriptions, key),
            ssm::read_tags(&client, key),
            url
        )?;
        let (Some(live), Some(described), Some(tags)) = (live, described, tags) else { return Ok(None) };
        let secure = live.kind.as_deref() == Some(SECURE_STRING);
        // What is encrypted was not asked for in the clear, and what stands for it says nothing.
        let value = live.value.filter(|_| !secure).map(|value| value.expose_secret().to_owned());
        let stage = url.filter(|(_, url)| Some(url) == value.as_ref()).map(|(stage, _)| stage);
        let unmodelled = shown(&described);
        let spec = Spec {
            name: key.to_owned(),
            value_type: present(GET, "type", live.kind)?,
            value: value.clone().filter(|_| stage.is_none()),
            stage,
            description: described.description.unwrap_or_default(),
            tags,
        };
        Ok(Some((spec, Outputs { value }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let (client, value) = (aws.client(Caller::<Ssm>::new).await, value(aws, want).await?);
        let sealed = SecretString::from(value.as_str());
        let put = PutParameter { overwrite: Some(false), tags: Some(to_tags(&want.tags)), ..put(want, &sealed) };
        let passing = |error: &CallError| error.class == Class::Conflict;
        wait::retry(NAME_FREE, passing, || async { client.call(&put).await.map_err(failed(PUT)) }).await?;
        Ok(Some((want.clone(), Outputs { value: Some(value) }, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Ssm>::new).await;
        let said = |spec: &Spec| {
            let Spec { name: _, value_type, value, stage, description, tags: _ } = spec.clone();
            (value_type, value, stage, description)
        };
        if said(now) != said(want) {
            let sealed = SecretString::from(value(aws, want).await?);
            let put = PutParameter { overwrite: Some(true), ..put(want, &sealed) };
            client.call(&put).await.map_err(failed(PUT))?;
        }
        let (write, remove) = tags::changes(&now.tags, &want.tags);
        ssm::retag(&client, &want.name, &write, remove).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        ssm::delete(&aws.client(Caller::<Ssm>::new).await, key).await
    }
}

/// Says all of a parameter but its tags.
fn put<'a>(want: &'a Spec, value: &'a SecretString) -> PutParameter<'a> {
    let Spec { name, value_type: kind, description, value: _, stage: _, tags: _ } = want;
    PutParameter { name, description, kind, value: Sealed(value), key_id: None, overwrite: None, tags: None }
}

/// The parameter of that name with its value; one that is encrypted as it is.
async fn live(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let client = aws.client(Caller::<Ssm>::new).await;
    let many = async |names: Vec<String>| {
        let get = GetParameters { names: &names, with_decryption: None };
        let reply = client.call(&get).await.map_err(failed(GET))?;
        let found = reply.parameters.into_iter().flatten();
        let found = found.map(|one| (one.name.clone().unwrap_or_default(), Some(one)));
        let missing = reply.invalid_parameters.into_iter().flatten().map(|name| (name, None));
        let answers: BTreeMap<String, Option<Live>> = found.chain(missing).collect();
        // AWS says of each name what it holds, or that it does not exist.
        match names.iter().find(|name| !answers.contains_key(*name)) {
            Some(name) => present(GET, &format!("word of {name}"), None),
            None => Ok(answers),
        }
    };
    aws.batch::<Option<Live>>().ask(name, PER_CALL, many).await
}

/// What a parameter is to say.
async fn value(aws: &Aws, want: &Spec) -> Result<String> {
    if let Some(value) = &want.value {
        return Ok(value.clone());
    }
    let missing = |message: String| CallError::own(Class::Invalid, PUT, message);
    let stage = want.stage.as_ref().ok_or_else(|| missing(format!("the parameter {} says nothing", want.name)))?;
    url(aws, stage).await?.ok_or_else(|| missing(format!("there is no API {}", stage.api)))
}

/// The URL of a stage, where its API exists.
async fn url(aws: &Aws, stage: &StageUrl) -> Result<Option<String>> {
    let Some(api) = apigateway::find(aws, &stage.api).await? else { return Ok(None) };
    Ok(Some(apigateway::url(aws.scope().await?, apigateway::id(&api), &stage.name)))
}
