//! Beyond the attributes of IAM's users, roles and access keys.

use aws_sdk_iam::Client;

use super::{list, set};
use crate::aws::error::failed;
use crate::aws::kinds::iam_access_key::kept;
use crate::aws::{Aws, Observed, Result};
use crate::catalog::iam_access_key::{self, AccessKey};
use crate::catalog::iam_role::{self, Role};
use crate::catalog::iam_user::{self, User};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Weight};

const KEYS: Setting =
    Setting::asked("other access keys", Weight::LetsIn, "iam:ListAccessKeys").undone_by("aws iam delete-access-key");
const GROUPS: Setting =
    Setting::asked("groups", Weight::LetsIn, "iam:ListGroupsForUser").undone_by("aws iam remove-user-from-group");
const PASSWORD: Setting =
    Setting::asked("console password", Weight::LetsIn, "iam:GetLoginProfile").undone_by("aws iam delete-login-profile");
const SSH: Setting = Setting::asked("SSH public keys", Weight::LetsIn, "iam:ListSSHPublicKeys")
    .undone_by("aws iam delete-ssh-public-key");
const CERTIFICATES: Setting = Setting::asked("signing certificates", Weight::LetsIn, "iam:ListSigningCertificates")
    .undone_by("aws iam delete-signing-certificate");
const SERVICES: Setting =
    Setting::asked("credentials for a service", Weight::LetsIn, "iam:ListServiceSpecificCredentials")
        .undone_by("aws iam delete-service-specific-credential");
const PROFILES: Setting = Setting::asked("instance profiles", Weight::LetsIn, "iam:ListInstanceProfilesForRole")
    .undone_by("aws iam remove-role-from-instance-profile");

impl Observed for User {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&KEYS, &GROUPS, &PASSWORD, &SSH, &CERTIFICATES, &SERVICES],
        not_looked_at: &[("MFA devices", "they let nobody in who has no password or key")],
    };

    async fn look_closer(aws: &Aws, now: &iam_user::Spec, owned: &Owned) -> Look {
        let client = &aws.client(Client::new).await;
        let name = &now.name;
        let (keys, groups, password, more) = tokio::join!(
            foreign_keys(aws, client, name, owned),
            groups(client, name),
            client.get_login_profile().user_name(name).send(),
            more_credentials(client, name),
        );
        let mut look = Look::default();
        let keys = look.answer(&KEYS, keys).and_then(list);
        look.found(set(&KEYS, keys));
        let groups = look.answer(&GROUPS, groups).and_then(list);
        look.found(set(&GROUPS, groups));
        let password = look.answer(&PASSWORD, password.map_err(failed("iam GetLoginProfile")));
        look.found(set(&PASSWORD, password.map(|_| "there is one")));
        look.join(more)
    }

    async fn obstacles(aws: &Aws, now: &iam_user::Spec, _empty: bool) -> Vec<String> {
        let client = &aws.client(Client::new).await;
        let devices = client.list_mfa_devices().user_name(&now.name).send();
        let (devices, more) = tokio::join!(devices, more_credentials(client, &now.name));
        let devices = devices.map(|reply| reply.mfa_devices.len()).unwrap_or_default();
        let devices = (devices > 0).then(|| "it has an MFA device: deactivate and delete that first".to_owned());
        let more = more.found.into_iter().map(|one| format!("it has {} ({}): delete these first", one.what, one.value));
        more.chain(devices).collect()
    }
}

/// The access keys of a user but for those that the environment owns.
async fn foreign_keys(aws: &Aws, client: &Client, name: &str, owned: &Owned) -> Result<Vec<String>> {
    let keys = client.list_access_keys().user_name(name).into_paginator().items().send();
    let keys: Vec<_> = keys.collect::<std::result::Result<_, _>>().await.map_err(failed("iam ListAccessKeys"))?;
    let mut ours = Vec::new();
    for key in owned.keys("iam_access_key").filter(|key| key.split('|').next() == Some(name)) {
        ours.extend(kept(aws, key).await?.marks().await?.and_then(|marks| marks.key_id));
    }
    let foreign = keys.into_iter().filter_map(|key| Some((key.access_key_id?, key.status)));
    let foreign = foreign.filter(|(id, _)| !ours.contains(id));
    Ok(foreign.map(|(id, status)| format!("{id} ({})", status.map_or("?".into(), |it| it.to_string()))).collect())
}

async fn groups(client: &Client, name: &str) -> Result<Vec<String>> {
    let groups = client.list_groups_for_user().user_name(name).into_paginator().items().send();
    let groups = groups.collect::<std::result::Result<Vec<_>, _>>().await;
    Ok(groups.map_err(failed("iam ListGroupsForUser"))?.into_iter().map(|group| group.group_name).collect())
}

/// What else somebody can sign in with; IAM deletes no user that has any of it.
async fn more_credentials(client: &Client, name: &str) -> Look {
    let (ssh, certificates, services) = tokio::join!(
        client.list_ssh_public_keys().user_name(name).send(),
        client.list_signing_certificates().user_name(name).send(),
        client.list_service_specific_credentials().user_name(name).send(),
    );
    let mut look = Look::default();
    let ssh = look.answer(&SSH, ssh.map_err(failed("iam ListSSHPublicKeys")));
    let ssh = ssh.and_then(|reply| list(reply.ssh_public_keys().iter().map(|key| key.ssh_public_key_id.clone())));
    look.found(set(&SSH, ssh));
    let certificates = look.answer(&CERTIFICATES, certificates.map_err(failed("iam ListSigningCertificates")));
    let certificates =
        certificates.and_then(|reply| list(reply.certificates.into_iter().map(|one| one.certificate_id)));
    look.found(set(&CERTIFICATES, certificates));
    let services = look.answer(&SERVICES, services.map_err(failed("iam ListServiceSpecificCredentials")));
    let services = services.and_then(|reply| {
        list(
            reply.service_specific_credentials().iter().map(|one| format!("{} of {}", one.service_name, one.user_name)),
        )
    });
    look.found(set(&SERVICES, services));
    look
}

impl Observed for Role {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&PROFILES],
        not_looked_at: &[("policies of resources that name it", "they belong to those resources")],
    };

    async fn look_closer(aws: &Aws, now: &iam_role::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let profiles = look.answer(&PROFILES, instance_profiles(aws, &now.name).await).and_then(list);
        look.found(set(&PROFILES, profiles));
        look
    }

    async fn obstacles(aws: &Aws, now: &iam_role::Spec, _empty: bool) -> Vec<String> {
        let profiles = instance_profiles(aws, &now.name).await.unwrap_or_default();
        let taken = |profile| format!("it is in the instance profile {profile}: take it out of that first");
        profiles.into_iter().map(taken).collect()
    }
}

async fn instance_profiles(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let client = aws.client(Client::new).await;
    let profiles = client.list_instance_profiles_for_role().role_name(role).into_paginator().items().send();
    let profiles = profiles.collect::<std::result::Result<Vec<_>, _>>().await;
    let profiles = profiles.map_err(failed("iam ListInstanceProfilesForRole"))?;
    Ok(profiles.into_iter().map(|profile| profile.instance_profile_name).collect())
}

impl Observed for AccessKey {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[],
        not_looked_at: &[("who may read the parameter", "that is said by policies of others")],
    };

    async fn look_closer(_aws: &Aws, _now: &iam_access_key::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &iam_access_key::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
