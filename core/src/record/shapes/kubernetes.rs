/*!
Audit events of a Kubernetes API server.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Member, Reads, Shape, Tell, copied, like, on, own,
    value,
};

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Begins("apiVersion", &["audit.k8s.io/"]),
        Tell::Is("kind", &["Event"]),
        Tell::Has("verb"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Kubernetes,
        // A request that was answered: others are told again.
        Tell::Is("stage", &["ResponseComplete", "Panic"]),
        EventKind::KubernetesApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Kubernetes audit",
        about: "requests that were answered, alone or in an EventList",
        lost: "the job itself where the audit policy's level is Metadata",
        verified: true,
        members: MEMBERS,
    }],
};

const MEMBERS: &[Member] = &[
    like("kubernetes.audit", ""),
    own("verb", Key::OperationName),
    own("auditID", Key::RecordNumber),
    own("requestURI", Key::ResourceId),
    own("objectRef.apiGroup", Key::ObjectApiGroup),
    own("objectRef.resource", Key::ObjectResource),
    own("objectRef.subresource", Key::ObjectSubresource),
    own("objectRef.namespace", Key::ObjectNamespace),
    own("objectRef.name", Key::ObjectName),
    value("requestObject", Key::Request, Own, Form::Json),
    own("responseStatus.code", Key::ResultType),
    value("sourceIPs", Key::SourceIps, Own, Form::Arguments),
    own("userAgent", Key::UserAgent),
    own("user.username", Key::Caller),
    own("stageTimestamp", Key::EventTime),
    copied("requestReceivedTimestamp", Key::EventTime),
];

/// The same as rows of AKS' own tables in Log Analytics.
pub(super) const TABLE: Shape = Shape {
    tells: Tell::All(&[
        // The filter finds this in fewer records than longer names.
        Tell::Has("SourceIps"),
        Tell::Has("AuditId"),
        Tell::Has("Stage"),
        Tell::Has("Verb"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Kubernetes,
        Tell::Is("Stage", &["ResponseComplete", "Panic"]),
        EventKind::KubernetesApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Kubernetes audit in Log Analytics",
        about: "rows of the tables AKSAudit and AKSAuditAdmin",
        lost: "as with Kubernetes audit",
        verified: false,
        members: &[
            own("Verb", Key::OperationName),
            own("AuditId", Key::RecordNumber),
            own("RequestUri", Key::ResourceId),
            own("ObjectRef.apiGroup", Key::ObjectApiGroup),
            own("ObjectRef.resource", Key::ObjectResource),
            own("ObjectRef.subresource", Key::ObjectSubresource),
            own("ObjectRef.namespace", Key::ObjectNamespace),
            own("ObjectRef.name", Key::ObjectName),
            value("RequestObject", Key::Request, Own, Form::Json),
            own("ResponseStatus.code", Key::ResultType),
            value("SourceIps", Key::SourceIps, Own, Form::Arguments),
            own("UserAgent", Key::UserAgent),
            own("User.username", Key::Caller),
            own("StageReceivedTime", Key::EventTime),
            copied("TimeGenerated", Key::EventTime),
        ],
    }],
};

/// The same in OCSF's class for calls of interfaces, as Security Lake has
/// them.
pub(super) const OCSF: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("class_uid", &["6003"]),
        Tell::Has("api.operation"),
        Tell::Is("resources.type", &["cronjobs", "jobs"]),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Kubernetes,
        Tell::Has("api.operation"),
        EventKind::KubernetesApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "OCSF, calls of Kubernetes",
        about: "API Activity (6003) about CronJobs and Jobs",
        lost: "the job itself",
        verified: false,
        members: &[
            own("api.operation", Key::OperationName),
            own("api.response.code", Key::ResultType),
            own("resources.type", Key::ObjectResource),
            own("resources.namespace", Key::ObjectNamespace),
            own("resources.name", Key::ObjectName),
            own("http_request.url.path", Key::ResourceId),
            own("http_request.user_agent", Key::UserAgent),
            own("actor.user.name", Key::Caller),
            own("time", Key::EventTime),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    #[test]
    fn calls_in_ocsf() {
        let record = r#"{"class_uid":6003,"activity_id":1,"time":1706933106000,"api":{"operation":"create","response":{"code":201}},"resources":[{"type":"cronjobs","namespace":"ns","name":"j"}],"actor":{"user":{"name":"al"}}}"#;
        assert_eq!(
            event(record),
            "kubernetes/kubernetes_api_call 2024-02-03T04:05:06Z User=al verb=create objectRef.resource=cronjobs objectRef.namespace=ns objectRef.name=j responseStatus.code=201"
        );
        let pods = record.replace("cronjobs", "pods");
        assert!(events(&pods).0.is_empty());
    }

    const PATCH: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","stage":"ResponseComplete","requestURI":"/apis/batch/v1/namespaces/ns/cronjobs/j","verb":"patch","user":{"username":"al","groups":["g"]},"sourceIPs":["192.0.2.1","192.0.2.2"],"objectRef":{"apiGroup":"batch","resource":"cronjobs","namespace":"ns","name":"j"},"requestObject":{"spec":{"schedule":"*/5 * * * *"}},"responseStatus":{"code":200},"stageTimestamp":"2024-02-03T04:05:06.000000Z"}"#;

    const EXPECTED: &str = r#"kubernetes/kubernetes_api_call 2024-02-03T04:05:06Z User=al verb=patch requestURI=/apis/batch/v1/namespaces/ns/cronjobs/j objectRef.apiGroup=batch objectRef.resource=cronjobs objectRef.namespace=ns objectRef.name=j requestObject={"spec":{"schedule":"*/5 * * * *"}} responseStatus.code=200 sourceIPs=192.0.2.1 192.0.2.2"#;

    #[test]
    fn a_job_that_was_changed() {
        assert_eq!(event(PATCH), EXPECTED);
        let list = format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{PATCH},{PATCH}]}}"#
        );
        let listed = [0, 1].map(|item| format!("{item}: {EXPECTED}"));
        assert_eq!(events(&list).0, listed);
        // As AKS has it, in a string.
        let log = PATCH.replace('"', "\\\"");
        let record = format!(
            r#"{{"category":"kube-audit","operationName":"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read","properties":{{"log":"{log}"}}}}"#
        );
        assert_eq!(event(&record), EXPECTED);
    }

    #[test]
    fn rows_of_log_analytics_hold_objects_or_their_texts() {
        let row = |object: &dyn Fn(&str) -> String| {
            format!(
                r#"{{"TimeGenerated":"2024-02-03T04:05:06Z","AuditId":"x","Stage":"ResponseComplete","RequestUri":"/apis/batch/v1/namespaces/ns/cronjobs/j","Verb":"patch","User":{},"SourceIps":{},"ObjectRef":{},"RequestObject":{},"ResponseStatus":{}}}"#,
                object(r#"{"username":"al"}"#),
                object(r#"["192.0.2.1","192.0.2.2"]"#),
                object(
                    r#"{"apiGroup":"batch","resource":"cronjobs","namespace":"ns","name":"j"}"#
                ),
                object(r#"{"spec":{"schedule":"*/5 * * * *"}}"#),
                object(r#"{"code":200}"#),
            )
        };
        let text = |text: &str| format!("\"{}\"", text.replace('"', "\\\""));
        let expected = EXPECTED.replace("User=al", "User=al EventRecordID=x");
        assert_eq!(event(&row(&str::to_owned)), expected);
        assert_eq!(event(&row(&text)), expected);
    }

    #[test]
    fn requests_that_are_not_answered_are_understood_but_no_event() {
        let received = PATCH.replace("ResponseComplete", "RequestReceived");
        let (found, reading) = events(&received);
        assert!(found.is_empty());
        assert_eq!(reading.not_understood, 0);
        let other = PATCH.replace("audit.k8s.io", "events.k8s.io");
        assert_eq!(events(&other).1.not_understood, 1);
    }
}
