"""`python -m warifu_agent`: what browsers start, whatever the PATH is."""

from warifu_agent.program import main

if __name__ == "__main__":
    main(prog_name="warifu-agent")
