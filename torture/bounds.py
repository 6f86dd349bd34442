"""The bounds of the campaign. An attack fails if one of them is broken."""

#: Seconds within which the poses of a good image must arrive.
MAX_DELAY = 15.0

#: MB by which the memory of the victim may exceed what it was before the attack, after messages of
#: up to 64 MB.
MAX_GROWTH = 300.0

#: Seconds within which a program must end after SIGINT or SIGTERM.
MAX_END = 6.0

#: Seconds within which a node must be ready, and a command must finish.
MAX_START = 60.0

#: Seconds by which an attack may exceed its time before it is stopped and counts as hung.
MAX_OVERTIME = 300.0
