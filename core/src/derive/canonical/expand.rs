/*!
From a command to those that it starts.

Wrappers are looked through (`sudo`, `cmd /c`, `forfiles /c`), and the texts
that shells are told to run are read by the layer of each shell. What is
found is appended to the list, so one pass over the list finds everything.
*/

use super::Canonical;
use super::arena::{Arena, Piece};
use super::argv::Quotes;
use super::command::{Command, Commands, Origin, System};
use super::lower::Lower;
use super::path::stem;
use super::tool::Tool;
use super::wrappers::Wrapper;
use super::{cmd, constants, powershell, script_host, shell, wrappers};
use crate::bytes;

/// Appends the commands that those from `from` on would start. `original` is
/// the name in the header of the file that the event's own process runs.
pub(crate) fn all(
    commands: &mut Commands,
    from: usize,
    original: Option<&[u8]>,
) {
    let mut index = from;
    let reads_texts = commands.canonical == Canonical::Full;
    while let Some(command) = commands.get(index) {
        index = index.saturating_add(1);
        match Tool::of(commands, command, original).tool {
            Tool::Cmd | Tool::PowerShell | Tool::Shell | Tool::Interpreter
                if !reads_texts => {}
            Tool::Cmd => cmd::expand(commands, command),
            Tool::PowerShell => powershell::expand(commands, command),
            Tool::Shell => {
                shell::expand(commands, command);
                script(commands, command);
            }
            Tool::Wrapper if command.origin.system == System::Unix => {
                unix_wrapper(commands, command);
            }
            Tool::Wrapper if script_start(commands, command) => {}
            Tool::Wrapper => {
                script_host::expand(commands, command);
                windows_wrapper(commands, command);
            }
            Tool::Wmic => wmic(commands, command),
            Tool::Interpreter => {
                script_host::expand(commands, command);
                constants::expand(commands, command);
                script(commands, command);
            }
            Tool::Kubectl => inside_pod(commands, command),
            // `launchctl asuser 501 crontab x`.
            Tool::Launchctl => unix_wrapper(commands, command),
            Tool::Other => {
                script_start(commands, command);
            }
            _ => {}
        }
    }
}

/// Finds the command behind a wrapper of Unix.
fn unix_wrapper(commands: &mut Commands, mut command: Command) {
    let name = program(commands, command);
    // A text for a shell: `su -c 'crontab x' ann`.
    let reads_texts = commands.canonical == Canonical::Full;
    if reads_texts
        && matches!(&*name, b"su" | b"runuser" | b"script" | b"sg" | b"capsh")
        && let Some(at) = position(commands, command, b"-c")
    {
        let first = at.saturating_add(1);
        let word = commands.words(command).get(first).copied();
        // Of a line that was split at blanks it is all of the rest, unless it
        // is in quotes.
        let is_split = command.origin.line.is_some();
        let text = word.map(|word| match word.quotes {
            Quotes::None if is_split => commands.joined(command, first),
            _ => word.text,
        });
        if let Some(text) = text {
            shell::expand_text(commands, command, text);
        }
        return;
    }
    match &*name {
        b"find" => return found(commands, command),
        b"ansible" | b"salt" | b"salt-call" if reads_texts => {
            return orchestrated(commands, command, &name);
        }
        _ => {}
    }
    // `command -v x` tells where a program is.
    if &*name == b"command"
        && matches!(commands.text(command, 1), Some(b"-v" | b"-V"))
    {
        return;
    }
    let wrapper = wrappers::of(&name);
    let begins = wrapper.into_iter().flat_map(Wrapper::begins);
    for (word, index) in begins.zip(1..) {
        if commands.text(command, index) != Some(word) {
            return;
        }
    }
    let mut operands = wrapper.map_or(0, |wrapper| wrapper.operands);
    let mut index = 1_usize;
    while let Some(word) = commands.text(command, index) {
        let is_option = word.len() > 1 && word.first() == Some(&b'-');
        let is_variable = &*name == b"env" && word.contains(&b'=');
        let step = if word == b"--" {
            commands.add_tail(command, index.saturating_add(1));
            return;
        } else if is_option {
            let has_value =
                wrapper.is_some_and(|wrapper| wrapper.has_value(word));
            if word == b"-w" && matches!(&*name, b"pdsh" | b"clush") {
                let value = index.saturating_add(1);
                let hosts = commands.words(command).get(value);
                command.origin.host = hosts.map(|hosts| hosts.text);
            }
            if has_value { 2 } else { 1 }
        } else if is_variable {
            1
        } else if operands > 0 {
            operands = operands.saturating_sub(1);
            match &*name {
                b"ssh" | b"plink" => {
                    let host = commands.words(command).get(index);
                    command.origin.host = host.map(|host| host.text);
                }
                b"docker" | b"podman" | b"nerdctl" | b"crictl" | b"lxc"
                | b"incus" | b"pct"
                    if word == b"exec" =>
                {
                    let container = commands.arena.add(b"container");
                    command.origin.host = Some(container);
                }
                _ => {}
            }
            1
        } else {
            break;
        };
        index = index.saturating_add(step);
    }
    if replaced(commands, command, &name, index) {
        return;
    }
    if wrapper.is_some_and(|wrapper| wrapper.is_text) && reads_texts {
        let text = commands.joined(command, index);
        shell::expand_text(commands, command, text);
        return;
    }
    commands.add_tail(command, index);
}

/// Appends the command behind a wrapper with what the wrapper puts into its
/// words: of `xargs -I` the first word that it reads, in place of the mark; of
/// a container the folders of the host for those that stand for them, `-v
/// /etc:/x`. Whether it does.
fn replaced(
    commands: &mut Commands,
    command: Command,
    name: &[u8],
    from: usize,
) -> bool {
    let option = match name {
        b"xargs" => "-I",
        b"docker" | b"podman" | b"nerdctl" => "-v",
        _ => return false,
    };
    let mut words = (1..from).filter_map(|index| {
        let word = commands.words(command).get(index)?.text;
        let text = commands.arena.get(word).strip_prefix(option.as_bytes())?;
        if text.is_empty() {
            let next = commands.words(command).get(index.saturating_add(1));
            return next.map(|word| word.text);
        }
        Some(word.after(option.len()))
    });
    let Some(value) = words.next() else { return false };
    let text = commands.arena.get(value);
    let (mark, with) = match name {
        b"xargs" => {
            let Some(input) = command.origin.input else { return false };
            let input_text = commands.arena.get(input);
            let blank = input_text.iter().position(u8::is_ascii_whitespace);
            (value, input.until(blank.unwrap_or(input_text.len())))
        }
        _ => {
            let Some(colon) = memchr::memchr(b':', text) else {
                return false;
            };
            let inside = value.after(colon.saturating_add(1));
            let end = memchr::memchr(b':', commands.arena.get(inside));
            let length = end.unwrap_or(usize::MAX);
            (inside.until(length), value.until(colon))
        }
    };
    // Below the host's root, paths are told by what they end with.
    if mark.is_empty() || commands.arena.get(with) == b"/" {
        return false;
    }
    let base = commands.stacked();
    let mut index = from;
    while let Some(mut word) = commands.words(command).get(index).copied() {
        index = index.saturating_add(1);
        word.text = with_replaced(&mut commands.arena, word.text, mark, with);
        commands.stack(word);
    }
    commands.finish_stacked(base, Origin::within(command));
    true
}

/// A text with another in place of each mark.
fn with_replaced(
    arena: &mut Arena,
    text: Piece,
    mark: Piece,
    with: Piece,
) -> Piece {
    let find = |arena: &Arena, text: Piece| {
        memchr::memmem::find(arena.get(text), arena.get(mark))
    };
    if find(arena, text).is_none() {
        return text;
    }
    let start = arena.mark();
    let mut rest = text;
    while let Some(at) = find(arena, rest) {
        arena.extend_from(rest.until(at));
        arena.extend_from(with);
        rest = rest.after(at.saturating_add(arena.get(mark).len()));
    }
    arena.extend_from(rest);
    arena.since(start)
}

/// The tool of a cloud that an interpreter runs: `bash /usr/bin/az`,
/// `python3 -m azure.cli`, `python3 ../gcloud.py`. So sensors show them.
fn script(commands: &mut Commands, command: Command) {
    let mut index = 1_usize;
    while let Some(word) = commands.text(command, index) {
        match word {
            b"-m" => {}
            b"-c" | b"-e" => return,
            [b'-', ..] => {}
            _ => break,
        }
        index = index.saturating_add(1);
    }
    let file = commands.text(command, index).unwrap_or_default();
    if Tool::named(stem(file), command.origin.system) == Tool::Cloud {
        commands.add_tail(command, index);
    }
}

/// The text that a tool for many hosts hands to a shell there: `ansible all -m
/// shell -a 'crontab x'`, `salt '*' cmd.run 'crontab x'`.
fn orchestrated(commands: &mut Commands, mut command: Command, name: &[u8]) {
    let words = commands.words(command);
    let after = |name: &[u8]| {
        let at = position(commands, command, name)?;
        words.get(at.saturating_add(1)).map(|word| word.text)
    };
    let text = match name {
        b"ansible" => {
            let module = after(b"-m").or_else(|| after(b"--module-name"));
            let is_shell = module.is_none_or(|module| {
                let module = commands.arena.get(module);
                let name = module.rsplit(|byte| *byte == b'.').next();
                let shells = [&b"shell"[..], b"command", b"raw"];
                name.is_some_and(|name| shells.contains(&name))
            });
            let text = after(b"-a").or_else(|| after(b"--args"));
            text.filter(|_| is_shell)
        }
        _ => after(b"cmd.run")
            .or_else(|| after(b"cmd.shell"))
            .or_else(|| after(b"cmd.run_all")),
    };
    let Some(text) = text else { return };
    if name != b"salt-call" {
        let first = words.get(1).map(|word| word.text);
        let is_option =
            |word: &Piece| commands.arena.get(*word).starts_with(b"-");
        command.origin.host = first.filter(|word| !is_option(word));
    }
    shell::expand_text(commands, command, text);
}

/// The command that `find` starts: `-exec cp {} /etc/cron.d/ ;`.
fn found(commands: &mut Commands, command: Command) {
    let mut words = commands.words(command).iter();
    let at = words.position(|word| {
        let text = commands.arena.get(word.text);
        matches!(text, b"-exec" | b"-execdir" | b"-ok" | b"-okdir")
    });
    let Some(first) = at.map(|at| at.saturating_add(1)) else { return };
    let count = commands
        .words(command)
        .iter()
        .skip(first)
        .take_while(|word| {
            let text = commands.arena.get(word.text);
            !matches!(text, b";" | b"\\;" | b"+")
        })
        .count();
    commands.add_part(command, first, count);
}

/// The command that is started in a pod: `kubectl exec x -- crontab -`.
fn inside_pod(commands: &mut Commands, mut command: Command) {
    if position(commands, command, b"exec").is_some()
        && let Some(at) = position(commands, command, b"--")
    {
        command.origin.host = Some(commands.arena.add(b"container"));
        commands.add_tail(command, at.saturating_add(1));
    }
}

/// What a script starts by `Start-Process`, or by a method that starts a
/// program or is given a command line: `[Diagnostics.Process]::Start`,
/// `$shell.Run`, `$shell.Exec`; whether it is one of these.
fn script_start(commands: &mut Commands, command: Command) -> bool {
    if !command.origin.is_script {
        return false;
    }
    let name = program(commands, command);
    let is_method = matches!(&*name, b".start" | b".run" | b".exec");
    if !is_method && !matches!(&*name, b"start-process" | b"saps" | b"start") {
        return false;
    }
    let mark = commands.arena.mark();
    let mut index = 1_usize;
    while let Some(word) = commands.words(command).get(index).copied() {
        index = index.saturating_add(1);
        let text = commands.arena.get(word.text);
        if let [b'-', option @ ..] = text
            && !is_method
            && word.quotes == Quotes::None
        {
            let option = Lower::new(option);
            let is =
                |full: &[u8]| !option.is_empty() && full.starts_with(&option);
            // Those that are no part of what is started, and have a value.
            let is_other = is(b"windowstyle")
                || is(b"verb") && option.len() > 3 && &*option != b"verbose"
                || is(b"workingdirectory")
                || is(b"credential")
                || option.starts_with(b"redirectstandard");
            index = index.saturating_add(usize::from(is_other));
            continue;
        }
        if commands.arena.last_since(mark).is_some() {
            commands.arena.push(b' ');
        }
        commands.arena.extend_from(word.text);
    }
    let line = commands.arena.since(mark);
    commands.add_inner_line(command, line);
    true
}

/// Finds the command behind a wrapper of Windows.
fn windows_wrapper(commands: &mut Commands, command: Command) {
    let name = program(commands, command);
    match &*name {
        // `forfiles /p x /m y /c "cmd /c .."`, `pcalua -a x -c args`.
        b"forfiles" => tail_of_option(commands, command, "c"),
        b"pcalua" => tail_of_option(commands, command, "a"),
        b"rundll32" => {
            let at = commands.words(command).iter().position(|word| {
                let text = commands.arena.get(word.text);
                let name = b"shellexec_rundll";
                text.windows(name.len())
                    .any(|part| part.eq_ignore_ascii_case(name))
            });
            if let Some(at) = at {
                commands.add_tail(command, at.saturating_add(1));
            }
        }
        b"wsl" => inside_linux(commands, command),
        name => {
            let mut command = command;
            let known = known_program(commands, command);
            // What starts programs of Unix, unless it names one of Windows.
            let is_for_unix = matches!(
                name,
                b"ssh" | b"plink" | b"docker" | b"podman" | b"nerdctl"
            );
            if is_for_unix && known.is_none() {
                command.origin.system = System::Unix;
                unix_wrapper(commands, command);
                return;
            }
            command.origin.host =
                remote_host(commands, command).or(command.origin.host);
            // Options may have values; what is started is often known.
            if let Some(first) = known {
                commands.add_tail(command, first);
                return;
            }
            let mut index = 1_usize;
            while let Some([b'/' | b'-', ..]) = commands.text(command, index) {
                index = index.saturating_add(1);
            }
            // `psexec \\host cmd`.
            if let Some([b'\\', b'\\', ..]) = commands.text(command, index) {
                index = index.saturating_add(1);
            }
            tail_as_line(commands, command, index);
        }
    }
}

/// The command that is started in Windows' Linux: `wsl -u root -e crontab -`.
/// Without `-e` a shell reads it. It may be a program of Windows.
fn inside_linux(commands: &mut Commands, mut command: Command) {
    let mut index = 1_usize;
    while let Some(word) = commands.text(command, index) {
        let step = match &*Lower::new(word) {
            b"--" | b"-e" | b"--exec" | b"~" | b"--system" => 1,
            b"-d" | b"--distribution" | b"--distribution-id" | b"-u"
            | b"--user" | b"--cd" | b"--shell-type" => 2,
            _ => break,
        };
        index = index.saturating_add(step);
    }
    let has_shell = commands.words(command).iter().take(index).all(|word| {
        let word = Lower::new(commands.arena.get(word.text));
        !matches!(&*word, b"-e" | b"--exec")
    });
    let program = commands.text(command, index).unwrap_or_default();
    if !bytes::ends_with(program, b".exe", false) {
        command.origin.system = System::Unix;
    }
    match commands.words(command).get(index..) {
        Some([text]) if has_shell && commands.canonical == Canonical::Full => {
            let text = text.text;
            shell::expand_text(commands, command, text);
        }
        _ => commands.add_tail(command, index),
    }
}

/// The host on which a command is told to start another: `psexec \\\\host`,
/// `winrs -r:host`.
fn remote_host(commands: &Commands, command: Command) -> Option<Piece> {
    commands.words(command).iter().skip(1).find_map(|word| {
        let text = commands.arena.get(word.text);
        if let [b'\\', b'\\', rest @ ..] = text {
            let is_host = !rest.is_empty() && !rest.contains(&b'\\');
            return is_host.then_some(word.text);
        }
        let option = super::tool::option(text)?;
        let colon = memchr::memchr(b':', option)?;
        let (name, value) = option.split_at_checked(colon)?;
        let name = Lower::new(name);
        let is_remote = matches!(&*name, b"r" | b"remote") && value.len() > 1;
        is_remote.then(|| word.text.after(colon.saturating_add(2)))
    })
}

/// The first word behind a program that names one which is looked into.
fn known_program(commands: &Commands, command: Command) -> Option<usize> {
    let mut words = commands.words(command).iter().skip(1);
    let at = words.position(|word| {
        let name = stem(commands.arena.get(word.text));
        matches!(
            Tool::named(name, System::Windows),
            Tool::Schtasks
                | Tool::Cmd
                | Tool::PowerShell
                | Tool::Shell
                | Tool::Reg
                | Tool::Wmic
        )
    })?;
    Some(at.saturating_add(1))
}

/// Appends the value of an option, which is a command line of its own.
fn tail_of_option(commands: &mut Commands, command: Command, name: &str) {
    let words = commands.words(command);
    let at = words.iter().position(|word| {
        let option = super::tool::option(commands.arena.get(word.text));
        option
            .is_some_and(|option| option.eq_ignore_ascii_case(name.as_bytes()))
    });
    if let Some(at) = at {
        tail_as_line(commands, command, at.saturating_add(1));
    }
}

/// Appends the words from one on; a single word is a line to be split.
fn tail_as_line(commands: &mut Commands, command: Command, from: usize) {
    let words = commands.words(command).get(from..).unwrap_or_default();
    match words {
        [line] if commands.arena.get(line.text).contains(&b' ') => {
            let line = line.text;
            commands.add_inner_line(command, line);
        }
        _ => commands.add_tail(command, from),
    }
}

/// `wmic process call create "line"`.
fn wmic(commands: &mut Commands, command: Command) {
    let words = commands.words(command);
    let is = |index: usize, name: &[u8]| {
        let word = words.get(index);
        word.is_some_and(|word| {
            commands.arena.get(word.text).eq_ignore_ascii_case(name)
        })
    };
    let at = (1..words.len()).find(|&index| {
        is(index, b"process")
            && is(index.saturating_add(1), b"call")
            && is(index.saturating_add(2), b"create")
    });
    let Some(at) = at else { return };
    let node = words.iter().find_map(|word| {
        let text = commands.arena.get(word.text);
        bytes::starts_with(text, b"/node:", false)
            .then(|| word.text.after(b"/node:".len()))
    });
    let mut command = command;
    command.origin.host = node.or(command.origin.host);
    tail_as_line(commands, command, at.saturating_add(3));
}

fn program(commands: &Commands, command: Command) -> Lower {
    Lower::new(stem(commands.text(command, 0).unwrap_or_default()))
}

fn position(
    commands: &Commands,
    command: Command,
    wanted: &[u8],
) -> Option<usize> {
    let mut words = commands.words(command).iter();
    words.position(|word| commands.arena.get(word.text) == wanted)
}
