/*!
What several records say of one thing, as one event.

The kernel's audit writes what a system call did in several records: SYSCALL
says who called what, EXECVE with which arguments, CWD and PATH on which files.
They share a time and a serial, and may stand among those of other events. A
[`Joiner`] keeps what the events of these records hold until all of them are
there, and makes events of them that any other sensor would have sent: a new
process, a file that was created, changed, renamed, linked or deleted.

# When an event is over

All of an event is there when SYSCALL is, as many PATHs as it promises, and of
a new process the arguments. An event ends

- with the raw record that holds all of it (Laurel, auditbeat), or with EOE;
- when all of it is there, with PROCTITLE, which the kernel writes last, or
  with the next record that is of another event;
- when a record of the same host is two seconds younger: as long as auditd's
  own tools wait;
- when a thousand others have begun, or hold 16 MiB;
- when the host says so, or the stream ends.

What ended without all of it is taken as far as it came, and counted.

Long scripts of PowerShell, which come in several records, are joined as well:
see `scripts`.

# What it costs

The records of an event are held as they are, in a buffer of their own: one
that was read for its own sake as its values (`AuditPiece`), one that the filter
passed over as its line. What the event makes is only put together when it is
over, and only where SYSCALL says that something was done. It is not filtered:
of a new process three short values are looked at, which takes less than a
search of the thousand bytes of its records. Two ways that were tried cost more:
a filter for the literals of joined events in each record, and the same in all
records of an event together, where short literals stand in nearly all of them.
*/

mod assembly;
mod counts;
mod effect;
mod group;
mod joiner;
mod keys;
mod open;
mod owner;
mod path;
mod processes;
mod scripts;
mod state;

pub use counts::JoinCounts;
pub(crate) use joiner::Joiner;
