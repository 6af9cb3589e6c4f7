/*!
Calls of AWS' interfaces: CloudTrail, alone, in files of `Records`, or in
events of EventBridge.
*/

use crate::event::{EventKind, Platform};
use crate::record::keys::Key;
use crate::record::raw::Rank::Own;
use crate::record::shape::{
    Family, Form, Layout, Reads, Shape, Tell, copied, hint, on, own, value,
};

pub(super) const SHAPE: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("eventSource"),
        Tell::Has("eventName"),
        Tell::Has("eventVersion"),
        Tell::Has("userIdentity"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Aws,
        Tell::Has("eventSource"),
        EventKind::AwsApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "AWS CloudTrail",
        about: "calls of AWS' interfaces, with what was asked for as JSON",
        lost: "",
        verified: true,
        members: &[
            own("eventSource", Key::Category),
            own("eventName", Key::OperationName),
            own("eventID", Key::RecordNumber),
            value("requestParameters", Key::Request, Own, Form::Json),
            own("errorCode", Key::ResultType),
            own("sourceIPAddress", Key::CallerIpAddress),
            own("userAgent", Key::UserAgent),
            own("userIdentity.arn", Key::Caller),
            copied("userIdentity.userName", Key::Caller),
            hint("userIdentity.principalId", Key::Caller),
            own("eventTime", Key::EventTime),
        ],
    }],
};

/// The same as a row of Sentinel's table.
pub(super) const TABLE: Shape = Shape {
    tells: Tell::All(&[Tell::Has("UserIdentityType"), Tell::Has("EventName")]),
    reads: Reads::Rules(&[on(
        Platform::Aws,
        Tell::Has("EventName"),
        EventKind::AwsApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "AWS CloudTrail in Sentinel",
        about: "rows of the table AWSCloudTrail",
        lost: "",
        verified: false,
        members: &[
            own("EventSource", Key::Category),
            own("EventName", Key::OperationName),
            own("AwsEventId", Key::RecordNumber),
            value("RequestParameters", Key::Request, Own, Form::Json),
            own("ErrorCode", Key::ResultType),
            own("SourceIpAddress", Key::CallerIpAddress),
            own("UserAgent", Key::UserAgent),
            own("UserIdentityArn", Key::Caller),
            copied("UserIdentityUserName", Key::Caller),
            own("TimeGenerated", Key::EventTime),
        ],
    }],
};

/// The same as Elastic Agent and Filebeat take it apart.
pub(super) const ECS: Shape = Shape {
    tells: Tell::All(&[
        Tell::Has("aws.cloudtrail.event_version"),
        Tell::Has("event.provider"),
        Tell::Has("event.action"),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Aws,
        Tell::Has("event.provider"),
        EventKind::AwsApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "AWS CloudTrail in ECS",
        about: "the aws module of Filebeat and Elastic Agent",
        lost: "what was asked for, where it is not kept as an object",
        verified: false,
        members: &[
            own("event.provider", Key::Category),
            own("event.action", Key::OperationName),
            value(
                "aws.cloudtrail.flattened.request_parameters",
                Key::Request,
                Own,
                Form::Json,
            ),
            hint("aws.cloudtrail.request_parameters", Key::Request),
            own("aws.cloudtrail.error_code", Key::ResultType),
            own("source.address", Key::CallerIpAddress),
            copied("source.ip", Key::CallerIpAddress),
            own("user_agent.original", Key::UserAgent),
            own("aws.cloudtrail.user_identity.arn", Key::Caller),
            hint("user.name", Key::Caller),
            own("@timestamp", Key::EventTime),
        ],
    }],
};

/// The same in OCSF's class for calls of interfaces, as Security Lake has
/// them.
pub(super) const OCSF: Shape = Shape {
    tells: Tell::All(&[
        Tell::Is("class_uid", &["6003"]),
        Tell::Has("api.operation"),
        Tell::Has("api.service.name"),
        Tell::Is("cloud.provider", &["AWS"]),
    ]),
    reads: Reads::Rules(&[on(
        Platform::Aws,
        Tell::Not(&Tell::Is("status_id", &["2"])),
        EventKind::AwsApiCall,
    )]),
    gives: &[],
    family: Family::Own,
    layouts: &[&Layout {
        name: "OCSF, calls of AWS",
        about: "API Activity (6003) of Security Lake",
        lost: "what was asked for, where the lake leaves it out",
        verified: false,
        members: &[
            own("api.service.name", Key::Category),
            own("api.operation", Key::OperationName),
            value("api.request.data", Key::Request, Own, Form::Json),
            own("api.response.error", Key::ResultType),
            own("src_endpoint.ip", Key::CallerIpAddress),
            own("http_request.user_agent", Key::UserAgent),
            own("actor.user.uid", Key::Caller),
            hint("actor.user.name", Key::Caller),
            own("time", Key::EventTime),
        ],
    }],
};

#[cfg(test)]
mod tests {
    use crate::record::json_record::tests::{event, events};

    const RULE: &str = r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/al"},"eventTime":"2024-02-03T04:05:06Z","eventSource":"events.amazonaws.com","eventName":"PutRule","sourceIPAddress":"192.0.2.1","userAgent":"aws-cli","requestParameters":{"name":"r","scheduleExpression":"rate(5 minutes)"}}"#;
    const EXPECTED: &str = r#"aws/aws_api_call 2024-02-03T04:05:06Z User=arn:aws:iam::1:user/al userAgent=aws-cli eventSource=events.amazonaws.com eventName=PutRule requestParameters={"name":"r","scheduleExpression":"rate(5 minutes)"} sourceIPAddress=192.0.2.1"#;

    #[test]
    fn calls_in_sentinel() {
        let record = r#"{"TimeGenerated":"2024-02-03T04:05:06Z","EventVersion":"1.08","UserIdentityType":"IAMUser","UserIdentityArn":"arn:aws:iam::1:user/al","EventSource":"events.amazonaws.com","EventName":"PutRule","SourceIpAddress":"192.0.2.1","UserAgent":"aws-cli","RequestParameters":"{\"name\":\"r\",\"scheduleExpression\":\"rate(5 minutes)\"}"}"#;
        assert_eq!(event(record), EXPECTED);
        for from in ["UserIdentityType", "EventName"] {
            assert!(events(&record.replace(from, "x")).0.is_empty());
        }
    }

    #[test]
    fn calls_in_ocsf() {
        let record = r#"{"class_uid":6003,"activity_id":1,"time":1706933106000,"api":{"operation":"PutRule","service":{"name":"events.amazonaws.com"},"request":{"data":{"name":"r","scheduleExpression":"rate(5 minutes)"}}},"actor":{"user":{"uid":"arn:aws:iam::1:user/al"}},"cloud":{"provider":"AWS"},"src_endpoint":{"ip":"192.0.2.1"},"http_request":{"user_agent":"aws-cli"}}"#;
        assert_eq!(event(record), EXPECTED);
        let other = record.replace("\"AWS\"", "\"x\"");
        assert!(events(&other).0.is_empty());
    }

    #[test]
    fn calls_are_read_wherever_they_stand() {
        assert_eq!(event(RULE), EXPECTED);
        let (found, _) = events(&format!(r#"{{"Records":[{RULE},{RULE}]}}"#));
        assert_eq!(found.len(), 2);
        let bus = format!(
            r#"{{"version":"0","detail-type":"AWS API Call via CloudTrail","source":"aws.events","detail":{RULE}}}"#
        );
        assert_eq!(event(&bus), EXPECTED);
        let failed = RULE.replace(
            "\"eventTime\"",
            "\"errorCode\":\"AccessDenied\",\"eventTime\"",
        );
        assert!(event(&failed).contains("errorCode=AccessDenied"));
        let nothing = RULE.replace(
            r#"{"name":"r","scheduleExpression":"rate(5 minutes)"}"#,
            "null",
        );
        assert!(!event(&nothing).contains("requestParameters"));
    }

    #[test]
    fn what_lacks_a_telling_member_is_none() {
        for from in
            ["eventSource", "eventName", "eventVersion", "userIdentity"]
        {
            let (found, reading) = events(&RULE.replace(from, "other"));
            assert!(found.is_empty(), "{from}");
            assert_eq!(reading.not_understood, 1, "{from}");
        }
    }

    #[test]
    fn calls_in_ecs() {
        let record = r#"{"@timestamp":"2024-02-03T04:05:06Z","event":{"provider":"scheduler.amazonaws.com","action":"CreateSchedule","dataset":"aws.cloudtrail"},"aws":{"cloudtrail":{"event_version":"1.08","user_identity":{"arn":"a"},"flattened":{"request_parameters":{"name":"s"}}}},"source":{"address":"192.0.2.1"}}"#;
        let found = event(record);
        assert!(
            found.starts_with("aws/aws_api_call 2024-02-03T04:05:06Z"),
            "{found}"
        );
        for part in
            ["CreateSchedule", "scheduler.amazonaws.com", r#"{"name":"s"}"#]
        {
            assert!(found.contains(part), "{found}");
        }
    }
}
