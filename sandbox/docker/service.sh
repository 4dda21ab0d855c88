#!/bin/sh
# One container of the sandbox's stand-in for Docker: a process of its own that holds its environment from its start on.
# It ends with the engine, because its input ends.
while read -r _; do :; done
