package main

test_direction_left_open if only(said_of("/3/contents/spec/policyTypes", ["Ingress"]), "leaves one direction open")

test_policy_of_others if only(said_of("/3/contents/spec/podSelector/matchLabels/app", "other"), "does not hold for the pods of sound")

test_everybody_may_come if only(said_without("/3/contents/spec/ingress/0/from"), "lets everybody in")

test_every_port if only(said_without("/3/contents/spec/egress/0/ports"), "opens every port")

test_metadata_service if only(said_without("/3/contents/spec/egress/1/to/0/ipBlock/except"), "metadata service")

test_another_exception_does_not_help if {
	only(said_of("/3/contents/spec/egress/1/to/0/ipBlock/except", ["10.0.0.0/8"]), "metadata service")
}
