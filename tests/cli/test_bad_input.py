"""Whatever a person gets wrong, the program says in one line what, where and what to do, and changes nothing."""

from pathlib import Path

import pytest

from tests.cli.processes import closed_port, qlmat, taken_port

HEADER = "t_s,left_1_n,left_2_n,left_3_n,right_1_n,right_2_n,right_3_n\n"
ROW = "0.0,1,2,3,4,5,6\n"
FOOT = '[[board.sensor]]\nname = "{}"\nside = "left"\nx = "1 mm"\ny = "2 mm"\nchip = 0x48\ninput = 0\n'

BAD_CONFIGURATIONS = {
    "unknown key": ('[practice]\nside_tme = "90 s"\n', "practice.side_tme: unknown key: did you mean 'side_time'?"),
    "bare number": ("[practice]\nside_time = 90\n", 'practice.side_time: 90 has no unit: write "90 s"'),
    "wrong unit": ('[bus]\nrate = "50 N"\n', "bus.rate: 'N' is not a unit of rate: write \"50 Hz\""),
    "overlap": (FOOT.format("a") + FOOT.format("b"), "board.sensor[1].input: input 0 of chip 0x48 is taken by a"),
    "address": ("[[board.chip]]\naddress = 0x50\n", "board.chip[0].address: no ADS1x15 can answer at 0x50"),
}
BAD_RECORDINGS = {
    "missing columns": ("t_s,left_1_n\n0,1\n", "file.csv:1: no column left_2_n, left_3_n, right_1_n"),
    "text": (HEADER + ROW + "0.1,1,two,3,4,5,6\n", "file.csv:3: left_2_n 'two' is not a number"),
    "NaN": (HEADER + ROW + "0.1,1,nan,3,4,5,6\n", "file.csv:3: left_2_n 'nan' is not a finite number"),
    "empty": ("", "file.csv: the file is empty"),
    "cut": (HEADER + ROW + "0.1,1,2", "file.csv:3: 3 of 7 columns; the line is cut short"),
}


def refused(folder: Path, *arguments: str, code: int, said: str) -> None:
    """Run a command that must be refused: its exit code, one line on standard error, nothing changed."""
    before = {path: path.read_bytes() for path in folder.iterdir()}
    outcome = qlmat(*arguments, cwd=folder)
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert outcome.stderr.startswith("qlmat: ")
    assert said in outcome.stderr
    assert (outcome.returncode, outcome.stdout) == (code, "")
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("name", BAD_CONFIGURATIONS)
def test_a_configuration_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    text, said = BAD_CONFIGURATIONS[name]
    (tmp_path / "mat.toml").write_text(text)
    refused(tmp_path, "config", "check", "mat.toml", code=2, said=f"mat.toml: {said}")


def test_a_bad_configuration_stops_every_command_before_it_does_anything(tmp_path: Path) -> None:
    (tmp_path / "mat.toml").write_text("[matt]\n")
    for command in (["run"], ["demo"], ["record", "-o", "new.csv"], ["replay", "none.csv"]):
        refused(tmp_path, *command, "--config", "mat.toml", code=2, said="mat.toml: matt: unknown key")


@pytest.mark.parametrize("name", BAD_RECORDINGS)
def test_a_recording_that_cannot_be_used_is_refused(tmp_path: Path, name: str) -> None:
    text, said = BAD_RECORDINGS[name]
    (tmp_path / "file.csv").write_text(text)
    refused(tmp_path, "replay", "file.csv", "--json", code=2, said=said)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "replay", "none.csv", code=2, said="none.csv: cannot be read (no such file or directory)")
    refused(tmp_path, "config", "check", "none.toml", code=2, said="none.toml: cannot be read")
    refused(tmp_path, "demo", "--story", "none.toml", code=2, said="none.toml: cannot be read")


def test_an_unknown_story_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    refused(tmp_path, "demo", "--story", "demmo", code=2, said="did you mean 'demo'?")


def test_a_broker_that_cannot_be_reached_is_said_with_exit_code_1(tmp_path: Path) -> None:
    port = closed_port()
    (tmp_path / "mat.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {port}\n')
    arguments = ["run", "--device", "virtual", "--config", "mat.toml"]
    refused(tmp_path, *arguments, code=1, said=f"MQTT broker 127.0.0.1:{port} cannot be reached")


def test_a_page_whose_port_is_taken_is_said_with_exit_code_1(tmp_path: Path) -> None:
    with taken_port() as port:
        arguments = ["demo", "--no-browser", "--seconds", "1", "--port", str(port)]
        refused(tmp_path, *arguments, code=1, said=f"The page cannot listen on 127.0.0.1 port {port}")


def test_a_broker_whose_port_is_taken_is_said_with_exit_code_1(tmp_path: Path) -> None:
    with taken_port() as port:
        arguments = ["demo", "--no-browser", "--seconds", "1", "--broker-port", str(port)]
        refused(tmp_path, *arguments, code=1, said=f"The broker cannot listen on 127.0.0.1 port {port}: it is taken")


def test_a_bus_that_does_not_exist_is_said_with_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "mat.toml").write_text("[bus]\nnumber = 31\n")
    arguments = ["run", "--device", "pi", "--no-broker", "--config", "mat.toml"]
    refused(tmp_path, *arguments, code=1, said="I2C bus /dev/i2c-31 cannot be opened: it does not exist")


def test_a_recording_never_replaces_a_file_unasked(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("precious")
    arguments = ["record", "--device", "virtual", "--seconds", "1", "-o", "old.csv"]
    refused(tmp_path, *arguments, code=2, said="old.csv: exists already: choose another name, or add --force")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dmo"], "No such command 'dmo'"),
        (["replay"], "Missing argument 'FILE': see 'qlmat replay --help'"),
        (["replay", "x.csv", "--evry", "1"], "No such option: --evry"),
        (["replay", "x.csv", "--every", "0"], "--every 0: it must be more than 0"),
        (["replay", "x.csv", "--every", "nan"], "--every nan: it must be more than 0"),
        (["run", "--seconds", "-1"], "--seconds -1: it must be more than 0"),
        (["demo", "--speed", "0"], "--speed 0: it must be more than 0"),
        (["run", "--device", "toaster"], "'toaster' is not one of"),
        (["run", "--device", "pi", "--no-broker", "--story", "demo"], "--story and --speed are for --device virtual"),
    ],
)
def test_a_wrong_command_line_is_refused(tmp_path: Path, arguments: list[str], said: str) -> None:
    refused(tmp_path, *arguments, code=2, said=said)


def test_the_traceback_is_there_for_who_asks(tmp_path: Path) -> None:
    outcome = qlmat("replay", "none.csv", cwd=tmp_path, QLMAT_DEBUG="1")
    assert "Traceback" in outcome.stderr
    assert outcome.stderr.splitlines()[-1].startswith("qlmat: none.csv: cannot be read")
    assert outcome.returncode == 2
