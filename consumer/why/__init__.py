"""Why a person did, or did not, get something: the records about them, and what became of each.

Pure, as ``consumer/mapping`` is: whoever uses it reads topics, the group, Loops and the clock.
"""
