package main

test_secret_in_the_chart if {
	held := {"contents": {"kind": "Secret", "metadata": {"name": "loops"}}}
	only(said_of("/-", held), "Secret/loops: the chart holds a secret")
}

test_secret_in_a_variable if {
	variable := {"name": "LOOPS_API_KEY", "valueFrom": {"secretKeyRef": {"name": "loops", "key": "api-key"}}}
	some message in said_of(concat("", [consumer, "/env"]), [variable])
	contains(message, "LOOPS_API_KEY comes from a Secret as a variable")
}

test_file_that_is_never_renewed if {
	some message in said_of(concat("", [consumer, "/volumeMounts/1/subPath"]), "api-key")
	contains(message, "/etc/loops does not change until a restart")
}

test_file_that_is_open_to_all if only(said_without(concat("", [pod, "/volumes/1/secret/defaultMode"])), "open to every user")
