"""`qlmat version`: what is installed."""


def version() -> None:
    """Print the version of QL Mat and of the Python that runs it."""
    import platform
    from importlib.metadata import version as version_of

    print(f"qlmat {version_of('qlmat')} (Python {platform.python_version()}, {platform.system()} {platform.machine()})")
