"""What can be asked of a session, by name: the commands under `cmd/<name>` and the buttons of a page."""

COMMANDS: dict[str, str] = {
    "start": "begin a session; optional side",
    "stop": "end the session and silence every cue",
    "pause": "stop counting until resume",
    "resume": "go on counting",
    "tare": "take what rests on the pads now as zero",
    "mark": "remember the spot under the ball",
    "press": "as if the mat's own button were pressed: once to stop, twice within a second to mark the spot and go on",
    "comfort": "find the comfortable pressure of a side by three slow loads; optional side",
}
