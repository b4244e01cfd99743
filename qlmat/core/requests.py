"""What can be asked of a mat, by name: the commands under `cmd/<name>` and the buttons of a page."""

COMMANDS: dict[str, str] = {
    "start": "begin a session; optional side",
    "stop": "end the session and silence every cue",
    "pause": "stop counting until resume",
    "resume": "go on counting",
    "tare": "take what rests on the pads now as zero",
    "mark": "remember the spot under the ball",
}
