//! Configurations: any text sets something or is refused with places; what it
//! sets builds, or is refused in words, and scans.

#![no_main]

use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use t1053::Config;

fuzz_target!(|data: &[u8]| {
    let Some((text, record)) = data.split_last_chunk::<64>() else { return };
    let Ok(text) = str::from_utf8(text) else { return };
    let config: Config = match text.parse() {
        Ok(config) => config,
        Err(error) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                assert!(problem.line > 0 && problem.column > 0);
                assert!(!problem.message.is_empty());
            }
            return;
        }
    };
    let set = config.rule_set().text("", text);
    let _ = set.beside(&config.detector()).build();
    let Ok(detector) = config.detector().build() else { return };
    // Of a size that is asked for, there may be no memory.
    if !text.contains("sequences")
        && let Ok(mut scanner) = config.scanner(&detector).build()
    {
        let _ = scanner.feed(record, |_| ControlFlow::Continue(()));
        assert_eq!(scanner.excluded().len(), detector.exclusions().len());
    }
});
