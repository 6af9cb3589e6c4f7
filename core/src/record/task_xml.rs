/*!
Task definitions: the XML that describes a scheduled task.
*/

/// A view of a task definition.
#[derive(Clone, Copy, Debug)]
pub struct TaskDefinition<'a> {
    xml: &'a [u8],
}

impl<'a> TaskDefinition<'a> {
    /// A view of a definition, plain XML or escaped once.
    pub fn new(xml: &'a [u8]) -> TaskDefinition<'a> {
        TaskDefinition { xml }
    }

    /// The definition.
    pub fn xml(&self) -> &'a [u8] {
        self.xml
    }
}
