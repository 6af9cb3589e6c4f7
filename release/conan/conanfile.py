"""The C library as a package of Conan 2: what `ffi/install` installs.

    conan create release/conan -o "t1053/*:shared=True"

Needs cargo. For Linux on x86-64 and aarch64; to build for the other one, also
its binutils, and CROSS_COMPILE as `ffi/install` takes it.
"""

import os
import re
import shlex
from pathlib import Path

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import copy
from conan.tools.scm import Git

# Not needed to build the library.
NOT_BUILT = ("docs/", "examples/", "fuzz/", "release/", "testdata/")
MACHINES = {"x86_64": "x86_64", "armv8": "aarch64"}


class T1053(ConanFile):
    name = "t1053"
    description = "Detection of scheduled-task abuse (MITRE ATT&CK T1053)"
    license = "MIT OR Apache-2.0"
    topics = ("security", "detection", "sigma", "mitre-attack")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}
    # Else a copy is made for each value of the option, which cargo takes for
    # another project.
    no_copy_source = True

    def root(self):
        return Path(self.recipe_folder).parents[1]

    def machine(self):
        return MACHINES.get(str(self.settings.arch))

    def set_version(self):
        manifest = (self.root() / "Cargo.toml").read_text()
        self.version = re.search(r'^version = "(.*)"', manifest, re.M)[1]

    def export_sources(self):
        root = self.root()
        for name in Git(self, root).included_files():
            if not name.startswith(NOT_BUILT):
                copy(self, name, root, self.export_sources_folder)

    def validate(self):
        if self.settings.os != "Linux" or self.machine() is None:
            raise ConanInvalidConfiguration(
                "t1053 is packaged for Linux on x86_64 and armv8"
            )

    def package_id(self):
        # One library for C and C++, whatever compiles its users.
        del self.info.settings.compiler
        del self.info.settings.build_type

    def build(self):
        target = f"{self.machine()}-unknown-linux-gnu"
        image = Path(self.build_folder, "image")
        os.environ.setdefault(
            "CARGO_TARGET_DIR", str(Path(self.build_folder, "target"))
        )
        install = [
            str(Path(self.source_folder, "ffi/install")),
            f"--target={target}",
            f"--destdir={image}",
            "--prefix=/usr",
        ]
        self.run(shlex.join(install))

    def package(self):
        image = Path(self.build_folder, "image/usr")
        libraries = "libt1053.so*" if self.options.shared else "libt1053.a"
        for pattern, of, to in [
            ("*", "include", "include"),
            (libraries, "lib", "lib"),
            # For what it needs of the system.
            ("t1053.pc", "lib/pkgconfig", "res"),
            ("*", "share/doc/t1053", "licenses"),
        ]:
            copy(self, pattern, image / of, Path(self.package_folder, to))

    def package_info(self):
        self.cpp_info.libs = ["t1053"]
        self.cpp_info.resdirs = ["res"]
        if not self.options.shared:
            about = Path(self.package_folder, "res/t1053.pc").read_text()
            private = re.search(r"^Libs\.private: (.*)$", about, re.M)[1]
            self.cpp_info.system_libs = [
                flag.removeprefix("-l") for flag in private.split()
            ]
