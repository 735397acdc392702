"""What a mapping would come to on a topic, counted in bounded memory: for people who look before anything is sent.

Pure, as ``consumer/mapping`` is: whoever uses it reads the topic and the clock.
"""
