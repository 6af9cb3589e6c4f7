/*!
Calls of Google Cloud's interfaces: entries of its audit logs.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Reads, Shape, Tell, copied, like, on, own, value,
};

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("protoPayload.methodName"),
        Tell::Has("protoPayload.serviceName"),
        Tell::Any(&[Tell::Has("logName"), Tell::Has("resource")]),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Gcp,
        Tell::Has("protoPayload.methodName"),
        EventKind::GcpApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Google Cloud audit",
        about: "calls of Cloud Scheduler, GKE and other services",
        lost: "what was asked for where the log's policy leaves it out",
        verified: true,
        members: &[
            own("protoPayload.serviceName", Key::Category),
            own("insertId", Key::RecordNumber),
            own("protoPayload.methodName", Key::OperationName),
            own("protoPayload.resourceName", Key::ResourceId),
            value("protoPayload.request", Key::Request, Own, Form::Json),
            own("protoPayload.status.code", Key::ResultType),
            own("protoPayload.requestMetadata.callerIp", Key::CallerIpAddress),
            own("protoPayload.authenticationInfo.principalEmail", Key::Caller),
            own("timestamp", Key::EventTime),
            // As tables of BigQuery hold them.
            like("protopayload_auditlog", "protoPayload"),
            copied("protoPayload.requestJson", Key::Request),
        ],
    }],
};

/// The same as Elastic Agent and Filebeat take it apart.
pub(super) const ECS: Shape = Shape {
    tells: Tell::All(&[
        // The filter finds this in fewer records than `service_name`.
        Tell::Has("gcp.audit.method_name"),
        Tell::Has("gcp.audit"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Gcp,
        Tell::Has("gcp.audit.method_name"),
        EventKind::GcpApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "Google Cloud audit in ECS",
        about: "the gcp module of Filebeat and Elastic Agent",
        lost: "what was asked for, as a rule",
        verified: false,
        members: &[
            own("gcp.audit.service_name", Key::Category),
            own("gcp.audit.method_name", Key::OperationName),
            own("gcp.audit.resource_name", Key::ResourceId),
            value("gcp.audit.request", Key::Request, Own, Form::Json),
            own("gcp.audit.status.code", Key::ResultType),
            own("source.ip", Key::CallerIpAddress),
            copied(
                "gcp.audit.request_metadata.caller_ip",
                Key::CallerIpAddress,
            ),
            own("gcp.audit.authentication_info.principal_email", Key::Caller),
            copied("client.user.email", Key::Caller),
            own("event.id", Key::RecordNumber),
            own("@timestamp", Key::EventTime),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const JOB: &str = r#"{"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","resource":{"type":"cloud_scheduler_job"},"timestamp":"2024-02-03T04:05:06Z","protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"cloudscheduler.googleapis.com","methodName":"google.cloud.scheduler.v1.CloudScheduler.CreateJob","resourceName":"projects/p/locations/l/jobs/j","authenticationInfo":{"principalEmail":"al@example.com"},"requestMetadata":{"callerIp":"192.0.2.1"},"request":{"job":{"schedule":"* * * * *"}}}}"#;

    #[test]
    fn a_job_that_was_made() {
        assert_eq!(
            event(JOB),
            r#"gcp/gcp_api_call 2024-02-03T04:05:06Z User=al@example.com callerIpAddress=192.0.2.1 gcp.audit.service_name=cloudscheduler.googleapis.com gcp.audit.method_name=google.cloud.scheduler.v1.CloudScheduler.CreateJob gcp.audit.resource_name=projects/p/locations/l/jobs/j gcp.audit.request={"job":{"schedule":"* * * * *"}}"#
        );
    }

    #[test]
    fn calls_in_other_clothes() {
        let ecs = r#"{"@timestamp":"2024-02-03T04:05:06Z","source":{"ip":"192.0.2.1"},"gcp":{"audit":{"service_name":"cloudscheduler.googleapis.com","method_name":"google.cloud.scheduler.v1.CloudScheduler.CreateJob","resource_name":"projects/p/locations/l/jobs/j","authentication_info":{"principal_email":"al@example.com"},"request":{"job":{"schedule":"* * * * *"}}}}}"#;
        assert_eq!(event(ecs), event(JOB));
        let table =
            JOB.replace("protoPayload", "protopayload_auditlog").replace(
                r#""request":{"job":{"schedule":"* * * * *"}}"#,
                r#""requestJson":"{\"job\":{\"schedule\":\"* * * * *\"}}""#,
            );
        assert_eq!(event(&table), event(JOB));
    }

    #[test]
    fn what_lacks_a_telling_member_is_none() {
        for from in ["serviceName", "methodName", "protoPayload"] {
            let (found, reading) = events(&JOB.replace(from, "other"));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }
}
