"""The files that packages and images are made of, held against each other and against rules of writing; builds nothing."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEPLOYMENT = ROOT / "Deployment"
DEBIAN = DEPLOYMENT / "debian"


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Containerfile with what follows them."""
    text = re.sub(r"(?m)^#.*\n", "", text).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def faults_of_containerfile(text: str) -> list[str]:
    """What hadolint's rules that matter here would say (DL3002, 3006, 3007, 3009, 3015, 3020, 3025)."""
    found, parts = [], instructions(text)
    for name, rest in parts:
        if name == "FROM" and (":" not in rest.split()[0].rsplit("/", 1)[-1] or rest.split()[0].endswith(":latest")):
            found.append("FROM without a version")
        if name == "ADD":
            found.append("ADD, where COPY does")
        if name == "RUN" and "apt-get install" in rest:
            found += [f"apt-get install without {each}" for each in ("--yes", "--no-install-recommends") if each not in rest]
            found += [] if "rm -rf /var/lib/apt/lists/*" in rest else ["lists of packages are left in the image"]
        if name in ("CMD", "ENTRYPOINT") and not rest.startswith("["):
            found.append(f"{name} goes through a shell")
    users = [rest for name, rest in parts if name == "USER"]
    if not users or users[-1] in ("root", "0"):
        found.append("the server runs as root")
    return found


class Control(unittest.TestCase):
    def test_the_unit_of_the_package_is_the_one_that_operations_documents(self):
        page = (ROOT / "docs" / "operations.md").read_text()
        documented = re.search(r"```ini\n(.*?)```", page, re.DOTALL).group(1)
        self.assertEqual(documented, (DEBIAN / "leukoscope.service").read_text())

    def test_every_script_is_readable_to_a_plain_shell(self):
        for name in ("debian/leukoscope.postinst", "debian/leukoscope.postrm", "leukoscope-service"):
            done = subprocess.run(["sh", "-n", DEPLOYMENT / name], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{name}: {done.stderr}")
        for name in ("debian/rules", "leukoscope-service"):
            self.assertTrue((DEPLOYMENT / name).stat().st_mode & 0o100, name)

    def test_data_go_only_when_somebody_said_so(self):
        template = (DEBIAN / "leukoscope.templates").read_text()
        self.assertIn("Template: leukoscope/remove-data\nType: boolean\nDefault: false\n", template)
        script = (DEBIAN / "leukoscope.postrm").read_text()
        before, after = script.split("rm -rf /var/lib/leukoscope")
        self.assertEqual(script.count("rm "), 1)
        self.assertIn("remove=false\n", before)
        self.assertTrue(before.rstrip().endswith('if [ "$remove" = true ]; then'), before)
        self.assertIn("else", after)

    def test_every_setting_of_the_conffile_is_read_by_the_program_or_its_unit(self):
        settings = set(re.findall(r"^(?:# )?(LEUKOSCOPE_\w+)=", (DEPLOYMENT / "leukoscope.conf").read_text(), re.MULTILINE))
        self.assertGreaterEqual(len(settings), 4)
        sources = "".join(path.read_text() for path in (ROOT / "Sources" / "leukoscope").glob("*.swift"))
        read = set(re.findall(r"LEUKOSCOPE_\w+", sources + (DEBIAN / "leukoscope.service").read_text()))
        self.assertEqual(settings - read, set())

    def test_no_compiler_and_no_python_is_depended_on(self):
        control = (DEBIAN / "control").read_text()
        named = re.findall(r"[a-z0-9.+-]+", " ".join(re.findall(r"(?m)^Depends: (.*)$", control)))
        self.assertIn("adduser", named)
        self.assertEqual([name for name in named if re.match(r"python|g\+\+|gcc|clang|.*-dev$", name)], [])

    def test_the_containerfile_keeps_the_rules(self):
        text = (DEPLOYMENT / "Containerfile").read_text()
        self.assertEqual(faults_of_containerfile(text), [])
        self.assertIn("was not built or run", text)

    def test_the_rules_for_containerfiles_find_what_they_should(self):
        text = (DEPLOYMENT / "Containerfile").read_text()
        for old, new in ((":12-slim", ""), ("USER leukoscope", "USER root"), ("--no-install-recommends ", ""), ("COPY", "ADD"),
                         ('["serve"]', "serve"), ("rm -rf /var/lib/apt/lists/*", "true")):
            self.assertIn(old, text)
            self.assertEqual(len(faults_of_containerfile(text.replace(old, new))), 1, new)


if __name__ == "__main__":
    unittest.main()
