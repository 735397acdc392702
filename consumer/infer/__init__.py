"""A first mapping out of what lies on a topic, for people who have none yet.

Pure, as ``consumer/mapping`` is: whoever uses it reads the topic and the clock. Of the records' values only what cannot
be about a person is ever shown.
"""
