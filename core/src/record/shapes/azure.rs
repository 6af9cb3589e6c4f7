/*!
Azure activity log entries: as event hubs carry them, as the REST interface
and Log Analytics give them, and as ECS has them.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::shape::{
    Family, Gives, Layout, Member, Reads, Shape, Tell, copied, hint, like, own,
};
use crate::record::windows::Head;

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[IS_ENTRY, IS_NO_LOG]),
    reads: Reads::Told(kind),
    gives: &[Gives::new(EventKind::CloudActivity, Platform::Azure, &[])],
    family: Family::Windows,
    layouts: &[],
};

/// A log of Kubernetes' has an operation, too, but its category says what it
/// is.
const IS_NO_LOG: Tell =
    Tell::Any(&[Tell::Lacks("properties.log"), Tell::Has("category")]);

const IS_ENTRY: Tell = Tell::Any(&[
    Tell::Has("operationName"),
    Tell::Has("OperationNameValue"),
    Tell::Has("azure.activitylogs.operation_name"),
    // Before the columns were aligned with those of other tables.
    Tell::All(&[Tell::Has("OperationName"), Tell::Has("ActivityStatus")]),
    // An entry that names no operation.
    Tell::All(&[Tell::Has("eventDataId"), Tell::Has("correlationId")]),
]);

pub(super) const LAYOUT: Layout = Layout {
    name: "Azure activity",
    about: "activity log entries of event hubs, REST, Log Analytics and ECS",
    lost: "",
    verified: true,
    members: MEMBERS,
};

const MEMBERS: &[Member] = &[
    own("operationName", Key::OperationName),
    own("eventDataId", Key::RecordNumber),
    own("EventDataId", Key::RecordNumber),
    own("operationName.value", Key::OperationName),
    own("OperationNameValue", Key::OperationName),
    own("azure.activitylogs.operation_name", Key::OperationName),
    hint("OperationName", Key::OperationName),
    own("resultType", Key::ResultType),
    own("ActivityStatusValue", Key::ResultType),
    own("azure.activitylogs.result_type", Key::ResultType),
    // Before the columns were aligned with those of other tables.
    copied("ActivityStatus", Key::ResultType),
    hint("status", Key::ResultType),
    copied("status.value", Key::ResultType),
    own("resourceId", Key::ResourceId),
    own("azure.resource.id", Key::ResourceId),
    copied("ResourceId", Key::ResourceId),
    copied("_ResourceId", Key::ResourceId),
    hint("resourceUri", Key::ResourceId),
    own("callerIpAddress", Key::CallerIpAddress),
    own("CallerIpAddress", Key::CallerIpAddress),
    copied("httpRequest.clientIpAddress", Key::CallerIpAddress),
    hint("claims.ipaddr", Key::CallerIpAddress),
    hint("source.ip", Key::CallerIpAddress),
    copied("caller", Key::Caller),
    copied("Caller", Key::Caller),
    // `http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn`; some index
    // the dots away.
    like("identity.claims", "claims"),
    like("azure.activitylogs.identity", "identity"),
    own("claims.*/upn", Key::Caller),
    copied("claims.*/claims/emailaddress", Key::Caller),
    hint("claims.*/claims/name", Key::Caller),
    own("category", Key::Category),
    own("category.value", Key::Category),
    own("CategoryValue", Key::Category),
    own("eventTimestamp", Key::EventTime),
];

/// Categories of the activity log. Resources write logs with operations of
/// their own into the same places.
const CATEGORIES: [&[u8]; 11] = [
    b"Administrative",
    b"Action",
    b"Write",
    b"Delete",
    b"Security",
    b"Policy",
    b"ServiceHealth",
    b"ResourceHealth",
    b"Alert",
    b"Autoscale",
    b"Recommendation",
];

/// What kind of event it is; `None` when it is no entry of the activity log:
/// of one of its categories, where the record names any, and about an
/// operation that begins with a resource provider,
/// `Microsoft.Automation/...`.
pub(super) fn kind(values: &Head<'_>) -> Option<(Platform, EventKind)> {
    let scratch = &mut [0; 256];
    let operation = values.get(Key::OperationName as usize)?;
    let operation = operation.short(scratch);
    let provider = operation.split(|&byte| byte == b'/').next()?;
    let begins_with_provider = provider.len() < operation.len()
        && provider.contains(&b'.')
        && !provider.contains(&b' ');
    let scratch = &mut [0; 64];
    let category = values.get(Key::Category as usize);
    let category = category.as_ref().map(|raw| raw.short(scratch));
    let is_known = category.is_none_or(|category| {
        CATEGORIES.iter().any(|known| known.eq_ignore_ascii_case(category))
    });
    (begins_with_provider && is_known)
        .then_some((Platform::Azure, EventKind::CloudActivity))
}

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn event_hub() {
        let record = r#"{"callerIpAddress":"192.0.2.1","category":"Write","identity":{"authorization":{"action":"other"},"claims":{"aud":"x","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":"live.com#ann@example.com","http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"ann@example.com","name":"Ann","ipaddr":"192.0.2.9"}},"operationName":"MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE","resourceId":"/SUBSCRIPTIONS/1","resultType":"Success","resultSignature":"Succeeded.Created","time":"2024-02-03T04:05:06.7Z"}"#;
        let expected = "azure/cloud_activity 2024-02-03T04:05:06.7Z User=ann@example.com operationName=MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE resultType=Success resourceId=/SUBSCRIPTIONS/1 callerIpAddress=192.0.2.1";
        assert_eq!(event(record), expected);
        let (events, _) = events(&format!(r#"{{"records":[{record}]}}"#));
        assert_eq!(events, [format!("0: {expected}")]);
        assert_eq!(event(&record.replace('/', r"\/")), expected);
    }

    #[test]
    fn rest() {
        let record = r#"{"authorization":{"action":"other"},"caller":"ann@example.com","category":{"value":"Administrative","localizedValue":"x"},"claims":{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name":"live.com#ann@example.com"},"eventName":{"value":"EndRequest"},"httpRequest":{"clientIpAddress":"192.0.2.1"},"operationName":{"value":"Microsoft.Automation/automationAccounts/webhooks/write","localizedValue":"x"},"resourceUri":"/subscriptions/1","status":{"value":"Succeeded","localizedValue":"x"},"subStatus":{"value":"Created"},"eventTimestamp":"2024-02-03T04:05:06Z","submissionTimestamp":"2024-02-03T04:06:06Z"}"#;
        let expected = "azure/cloud_activity 2024-02-03T04:05:06Z User=ann@example.com operationName=Microsoft.Automation/automationAccounts/webhooks/write resultType=Succeeded resourceId=/subscriptions/1 callerIpAddress=192.0.2.1";
        assert_eq!(event(record), expected);
    }

    #[test]
    fn log_analytics() {
        let record = r#"{"TimeGenerated":"2024-02-03T04:05:06Z","OperationName":"Create","OperationNameValue":"MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/RUNBOOKS/WRITE","ActivityStatusValue":"Success","Caller":"ann@example.com","CallerIpAddress":"192.0.2.1","CategoryValue":"Administrative","_ResourceId":"/subscriptions/1"}"#;
        let expected = "azure/cloud_activity 2024-02-03T04:05:06Z User=ann@example.com operationName=MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/RUNBOOKS/WRITE resultType=Success resourceId=/subscriptions/1 callerIpAddress=192.0.2.1";
        assert_eq!(event(record), expected);
    }

    #[test]
    fn the_status_may_stand_in_its_old_column() {
        let record =
            r#"{"OperationNameValue":"A.B/c","ActivityStatus":"Succeeded"}"#;
        assert!(event(record).ends_with(" resultType=Succeeded"));
    }

    #[test]
    fn ecs() {
        let nested = r#"{"@timestamp":"2024-02-03T04:05:06Z","azure":{"activitylogs":{"category":"x","identity":{"claims":{"http://schemas_xmlsoap_org/ws/2005/05/identity/claims/upn":"ann@example.com"}},"operation_name":"MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE","result_type":"Success"},"resource":{"id":"/SUBSCRIPTIONS/1"}},"event":{"action":"MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE"},"source":{"ip":"192.0.2.1"}}"#;
        let expected = "azure/cloud_activity 2024-02-03T04:05:06Z User=ann@example.com operationName=MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE resultType=Success resourceId=/SUBSCRIPTIONS/1 callerIpAddress=192.0.2.1";
        assert_eq!(event(nested), expected);
        let dotted = r#"{"@timestamp":"2024-02-03T04:05:06Z","azure.activitylogs.operation_name":"MICROSOFT.AUTOMATION/AUTOMATIONACCOUNTS/WRITE","azure.activitylogs.identity.claims.http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn":"ann@example.com","azure.activitylogs.result_type":"Success","azure.resource.id":"/SUBSCRIPTIONS/1","source.ip":"192.0.2.1"}"#;
        assert_eq!(event(dotted), expected);
        let user = r#"{"azure":{"activitylogs":{"operation_name":"A.B/c"}},"user":{"name":"ann"}}"#;
        assert_eq!(
            event(user),
            "azure/cloud_activity User=ann operationName=A.B/c"
        );
    }

    /// Who it was is said by one of several claims.
    #[test]
    fn claims() {
        let claim = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";
        let name = format!(r#""{claim}/name":"name""#);
        let mail = format!(r#""{claim}/emailaddress":"mail""#);
        let upn = format!(r#""{claim}/upn":"upn""#);
        for (claims, user) in [
            (name.clone(), "User=name "),
            (mail.clone(), "User=mail "),
            (format!("{name},{mail}"), "User=mail "),
            (format!("{mail},{name}"), "User=mail "),
            (format!("{mail},{upn},{name}"), "User=upn "),
            (format!(r#""{claim}/other":"x","name":"x""#), ""),
        ] {
            let record = format!(
                r#"{{"operationName":"A.B/c","identity":{{"claims":{{{claims}}}}}}}"#
            );
            let expected =
                format!("azure/cloud_activity {user}operationName=A.B/c");
            assert_eq!(event(&record), expected, "{claims}");
        }
    }

    #[test]
    fn other_logs() {
        for record in [
            r#"{"operationName":"Sign-in activity","category":"SignInLogs","resultType":"0"}"#,
            r#"{"operationName":"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read","category":"kube-audit"}"#,
            r#"{"operationName":"GetBlob","category":"StorageRead"}"#,
            r#"{"operationName":"Add member to group"}"#,
            r#"{"operationName":"GET /v1.0/users"}"#,
            r#"{"operationName":"Microsoft.Automation"}"#,
            r#"{"operationName":"Microsoft/Automation"}"#,
            r#"{"operationName":"Version 1.0/users"}"#,
            r#"{"operationName":null,"resultType":"Success"}"#,
        ] {
            assert_eq!(events(record).1.others, 1, "{record}");
        }
    }

    #[test]
    fn columns_of_old_name_operations_otherwise() {
        let record = r#"{"TimeGenerated":"2024-02-03T04:05:06Z","OperationName":"Microsoft.Automation/automationAccounts/runbooks/write","ActivityStatus":"Succeeded","Caller":"kim"}"#;
        let found = event(record);
        assert!(
            found.contains("operationName=Microsoft.Automation/"),
            "{found}"
        );
        assert!(found.contains("resultType=Succeeded"), "{found}");
    }
}
