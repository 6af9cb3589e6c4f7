/*!
Programs of Unix that start the one that is named behind them.
*/

/// Longest name of a wrapper.
const LONGEST: usize = 24;

/// What stands between a wrapper and the command that it starts. Texts and not
/// lists, for each place of a list is moved when the library is loaded.
pub(super) struct Wrapper {
    /// Its file's name, without the endings of Windows, and zeros.
    name: [u8; LONGEST],
    /// Options whose value is the next word, with blanks between them.
    valued: &'static str,
    /// Words that come first and are no options.
    pub(super) operands: usize,
    /// What the first of these are: of a program that does other things as
    /// well.
    begins: &'static str,
    /// Whether what follows is a text for a shell, as `ssh` hands it over.
    pub(super) is_text: bool,
}

impl Wrapper {
    /// Whether the next word is the value of an option.
    pub(super) fn has_value(&self, option: &[u8]) -> bool {
        words(self.valued).any(|known| known == option)
    }

    /// The words that must stand first.
    pub(super) fn begins(&self) -> impl Iterator<Item = &'static [u8]> {
        words(self.begins)
    }
}

fn words(text: &'static str) -> impl Iterator<Item = &'static [u8]> {
    text.split_ascii_whitespace().map(str::as_bytes)
}

/// The wrapper that a file's name, in lower case and without such an ending, is
/// that of.
pub(super) fn of(name: &[u8]) -> Option<&'static Wrapper> {
    let mut padded = [0; LONGEST];
    padded.get_mut(..name.len())?.copy_from_slice(name);
    let place = ALL.binary_search_by(|one| one.name.cmp(&padded));
    ALL.get(place.ok()?)
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    reason = "run by the compiler, which stops at either"
)]
const fn wrapper(
    text: &'static str,
    valued: &'static str,
    operands: usize,
) -> Wrapper {
    let mut name = [0; LONGEST];
    let mut at = 0;
    while at < text.len() {
        name[at] = text.as_bytes()[at];
        at += 1;
    }
    Wrapper { name, valued, operands, begins: "", is_text: false }
}

/// Options of `docker run` and `docker exec` that have a value.
const CONTAINER_OPTIONS: &str = "-H --host --context -u -w -e -v -p -h -l -m --user --workdir --env \
     --env-file --volume --mount --name --network --net --hostname --publish \
     --pid --entrypoint --cap-add --device --volumes-from";

/// Options of `lxc exec` that have a value, and of what it became.
const LXC_OPTIONS: &str = "--env --cwd --user --group";

/// Options of the dynamic linker that have a value.
const LINKER_OPTIONS: &str =
    "--library-path --preload --argv0 --inhibit-rpath --audit";

/// All of them, in order of their names.
const ALL: &[Wrapper] = &[
    wrapper("aa-exec", "-p -n", 0),
    wrapper("ansible", "", 0),
    wrapper("busybox", "", 0),
    wrapper("capsh", "", 0),
    wrapper("catchsegv", "", 0),
    wrapper("cgexec", "-g", 0),
    wrapper("choom", "-n", 0),
    wrapper("chpst", "-u -U -e -m -d -o -p -f -c -t -b -n", 0),
    wrapper("chroot", "--userspec --groups", 1),
    wrapper("chrt", "-T -P -D", 1),
    Wrapper { is_text: true, ..wrapper("clush", "-w -g -x -l -f -t -u", 0) },
    wrapper("command", "", 0),
    wrapper("cpulimit", "-l -e -p -c", 0),
    wrapper("crictl", "-r", 2),
    wrapper("dbus-run-session", "", 0),
    wrapper("doas", "-u -C", 0),
    wrapper("docker", CONTAINER_OPTIONS, 2),
    wrapper("eatmydata", "", 0),
    wrapper("env", "-u -C --unset --chdir", 0),
    wrapper("envdir", "", 1),
    wrapper("exec", "-a", 0),
    wrapper("fakeroot", "-i -s -l", 0),
    wrapper("faketime", "", 1),
    wrapper("find", "", 0),
    wrapper("firejail", "", 0),
    wrapper("flock", "-w -E", 1),
    wrapper("gosu", "", 1),
    wrapper("incus", LXC_OPTIONS, 2),
    wrapper("ionice", "-c -n -p", 0),
    Wrapper { begins: "netns exec", ..wrapper("ip", "-n -netns", 3) },
    Wrapper { begins: "asuser", ..wrapper("launchctl", "", 2) },
    wrapper("ld-linux-aarch64.so.1", LINKER_OPTIONS, 0),
    wrapper("ld-linux-x86-64.so.2", LINKER_OPTIONS, 0),
    wrapper("ld-linux.so.2", LINKER_OPTIONS, 0),
    wrapper("ld-musl-aarch64.so.1", LINKER_OPTIONS, 0),
    wrapper("ld-musl-x86_64.so.1", LINKER_OPTIONS, 0),
    wrapper("logsave", "", 1),
    wrapper("ltrace", "-e -o -p -s -u -n -l -x", 0),
    wrapper("lxc", LXC_OPTIONS, 2),
    wrapper("lxc-attach", "-n -P", 0),
    wrapper("machinectl", "-M -H -E --uid", 2),
    wrapper("nerdctl", CONTAINER_OPTIONS, 2),
    wrapper("nice", "-n --adjustment", 0),
    wrapper("nohup", "", 0),
    wrapper("nsenter", "-t -S -G --target", 0),
    wrapper("numactl", "-C -m -N", 0),
    wrapper(
        "parallel",
        "-j -a -I -N -n -S -P --jobs --arg-file --joblog --sshlogin \
         --workdir --results",
        0,
    ),
    Wrapper {
        is_text: true,
        ..wrapper("parallel-ssh", "-h -H -l -p -o -e -t -O", 0)
    },
    wrapper("pct", "--keep-env", 2),
    Wrapper { is_text: true, ..wrapper("pdsh", "-w -l -g -x -u -t -f -R", 0) },
    wrapper("perf", "-e -o -C -p -t", 1),
    wrapper("pkexec", "--user", 0),
    Wrapper {
        is_text: true,
        ..wrapper("plink", "-l -pw -P -i -m -hostkey -pwfile", 1)
    },
    wrapper("podman", CONTAINER_OPTIONS, 2),
    wrapper("prlimit", "", 0),
    wrapper("proot", "-r -b -w -q -S -R -k", 0),
    wrapper("proxychains", "-f", 0),
    wrapper("proxychains4", "-f", 0),
    Wrapper { is_text: true, ..wrapper("pssh", "-h -H -l -p -o -e -t -O", 0) },
    wrapper("rlwrap", "-a -b -c -C -D -f -H -l -p -P -s", 0),
    wrapper("runcon", "-t -u -r -l", 0),
    wrapper("runuser", "-u -g -G -s", 0),
    wrapper("salt", "", 0),
    wrapper("salt-call", "", 0),
    wrapper("screen", "-S -dmS -r -x -X -c -t -T", 0),
    wrapper("script", "-O -I -B", 1),
    wrapper("setarch", "", 1),
    wrapper("setpriv", "--reuid --regid --groups --inh-caps", 0),
    wrapper("setsid", "", 0),
    wrapper("setuidgid", "", 1),
    wrapper("sg", "", 1),
    wrapper("softlimit", "-a -c -d -f -l -m -o -p -r -s -t", 0),
    Wrapper {
        is_text: true,
        ..wrapper(
            "ssh",
            "-p -l -i -o -F -J -L -R -D -b -c -E -e -I -m -O -Q -S -W -w",
            1,
        )
    },
    wrapper("sshpass", "-p -f -d -P", 0),
    wrapper("stdbuf", "-i -o -e", 0),
    wrapper("strace", "-o -e -p -s -u", 0),
    wrapper("su", "-g -G -s", 1),
    wrapper("su-exec", "", 1),
    wrapper("sudo", "-u -g -p -h -C -T -r -t -D -R", 0),
    wrapper("systemd-cat", "-t -p -P", 0),
    wrapper("systemd-inhibit", "", 0),
    wrapper("systemd-nspawn", "-D -M -u -i -E --directory --machine", 0),
    wrapper("taskset", "", 1),
    wrapper("time", "", 0),
    wrapper("timeout", "-s -k --signal --kill-after", 1),
    Wrapper {
        is_text: true,
        ..wrapper("tmux", "-s -n -c -t -x -y -e -F -S -L -f", 1)
    },
    wrapper("torify", "", 0),
    wrapper("torsocks", "", 0),
    wrapper("toybox", "", 0),
    wrapper("tsocks", "", 0),
    wrapper("unbuffer", "", 0),
    wrapper("unshare", "-S -G -R -w", 0),
    wrapper("watch", "-n --interval", 0),
    wrapper("xargs", "-I -n -P -L -d -a -s -E", 0),
    wrapper("xvfb-run", "-n -s -f -e -p -w", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_found_by_their_names() {
        assert!(ALL.is_sorted_by(|one, next| one.name < next.name));
        for name in ["sudo", "ld-linux-x86-64.so.2", "aa-exec", "xvfb-run"] {
            assert!(of(name.as_bytes()).is_some(), "{name}");
        }
        assert!(of(b"crontab").is_none());
    }
}
